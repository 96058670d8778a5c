import Exposition
import TCPModel

// Connections without a known owner, and those with kernel TLS; each only where there are any.
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
        let counts = tables.reasons.reduce(into: [String: Double]()) { counts, row in
            counts[row.module.name, default: 0] += row.counts.total
        }
        let shown = Self.explanations.filter { counts[$0.0] ?? 0 > 0 }
        guard !shown.isEmpty else { return }
        heading("Unattributed", "unattributed")
        html.beginTable([.init("Reason"), .init("Sockets", "n")])
        for (reason, explanation) in shown {
            html.markup("<tr><th scope=\"row\">")
            html.text(reason + " ")
            html.span("kind", explanation)
            html.markup("</th>")
            html.cell(counts[reason] ?? 0)
            html.markup("</tr>\n")
        }
        html.endTable()
    }

    mutating func writeOffload() {
        let connections = scrape.samples.samples(of: Metric.offloadConnections) ?? []
        let counts = GroupedSums(connections) { [$0["offload_state"], $0["family"]] }
        let tls = scrape.samples.samples(of: Metric.tlsConnections) ?? []
        let offloaded = connections.contains { $0["offload_state"] != "in_host" && $0.value > 0 }
        guard offloaded || tls.contains(where: { $0.value > 0 }) else { return }
        heading("TLS offload", "offload")
        html.beginTable([.init("Offload state"), .init("IPv4", "n"), .init("IPv6", "n")])
        for state in OffloadState.allCases.map(\.label.description) {
            html.markup("<tr><th scope=\"row\">")
            html.text(state)
            html.markup("</th>")
            for family in ["ipv4", "ipv6"] { html.cell(counts[[state, family]]) }
            html.markup("</tr>\n")
        }
        html.endTable()
    }
}
