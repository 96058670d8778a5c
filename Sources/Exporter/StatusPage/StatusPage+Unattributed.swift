import Exposition

// Connections without a known owner, by reason.
extension StatusPage {
    private static let explanations = [
        (
            "not_found",
            "No process holds the socket, as in time_wait, or none that is visible in this PID "
                + "namespace."
        ),
        (
            "protected",
            "The owner may be a process that the exporter is not permitted to inspect. Run it as root "
                + "or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH."
        ),
        ("partial", "The owner ended or changed during the search. The next scrape may find it."),
        (
            "ambiguous",
            "Several programs share the listener, or the connection was redirected to another one."
        ),
        ("kernel", "The kernel itself holds the socket: nfsd, lockd or an NFS client."),
    ]

    mutating func writeUnattributed() {
        guard let connections = samples.samples(of: Metric.unattributedConnections) else { return }
        let counts = GroupedSums(connections) { [$0["reason"]] }
        heading("Unattributed", "unattributed")
        html.beginTable([("Reason", false), ("Total", true), ("Meaning", false)])
        for (reason, explanation) in Self.explanations {
            html.markup("<tr><th scope=\"row\">")
            html.text(reason)
            html.markup("</th>")
            html.cell(counts[[reason]])
            html.markup("<td class=\"prose\">")
            html.text(explanation)
            html.markup("</td></tr>\n")
        }
        html.endTable()
    }
}
