import Exposition
import TCPModel

// Sockets by state and by offload state.
extension StatusPage {
    mutating func writeStates() {
        guard let connections = samples.samples(of: Metric.connections) else { return }
        let counts = GroupedSums(connections) { [$0["state"], $0["family"]] }
        let total = connections.reduce(0) { $0 + $1.value }
        heading("States", "states")
        html.beginTable([
            ("State", false), ("IPv4", true), ("IPv6", true), ("Total", true), ("", false),
        ])
        for state in Labels.sortedStates.map(\.label.description) {
            let (ipv4, ipv6) = (counts[[state, "ipv4"]], counts[[state, "ipv6"]])
            html.markup("<tr><th scope=\"row\">")
            html.text(state)
            html.markup("</th>")
            for value in [ipv4, ipv6, ipv4 + ipv6] { html.cell(value) }
            html.bar([(ipv4 + ipv6, state)], of: total)
            html.markup("</tr>\n")
        }
        html.endTable()
    }

    mutating func writeOffload() {
        guard let connections = samples.samples(of: Metric.offloadConnections) else { return }
        let counts = GroupedSums(connections) { [$0["offload_state"], $0["family"]] }
        heading("Offload", "offload")
        html.beginTable([("Offload state", false), ("IPv4", true), ("IPv6", true)])
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
