import Exposition
import TCPModel

// Sockets by state, and the ephemeral ports.
extension StatusPage {
    private typealias Column = HTMLText.Column

    mutating func writeStates() {
        guard let states = tables.states else { return }
        let (ipv4, ipv6) = (states["ipv4"] ?? PageCounts(), states["ipv6"] ?? PageCounts())
        let total = ipv4.total + ipv6.total
        heading("States", "states")
        html.beginTable([
            Column("State"), Column("Sockets", "n"), Column("", "wide"), Column("IPv4", "n minor"),
            Column("IPv6", "n minor"), Column("Meaning", "minor"),
        ])
        for state in Labels.sortedStates.sorted(by: { Self.order($0) < Self.order($1) }) {
            html.markup("<tr><th scope=\"row\">")
            html.text(state.label.description)
            html.markup("</th>")
            let count = ipv4[state] + ipv6[state]
            html.cell(count)
            html.markup("<td class=\"wide\">")
            html.bar([(count, state.label.description)], of: total)
            html.markup("</td>")
            html.cell(ipv4[state], "n minor")
            html.cell(ipv6[state], "n minor")
            html.cell(Self.meaning(state), "minor prose dim")
            html.markup("</tr>\n")
        }
        html.endTable()
    }

    /// In the order of a connection's life.
    private static func order(_ state: TCPState) -> Int {
        switch state {
        case .listen: 0
        case .synSent: 1
        case .synRecv: 2
        case .established: 3
        case .closeWait: 4
        case .finWait1: 5
        case .finWait2: 6
        case .closing: 7
        case .lastAck: 8
        case .timeWait: 9
        case .close: 10
        }
    }

    private static func meaning(_ state: TCPState) -> String {
        switch state {
        case .listen: "Waits for connections."
        case .synSent: "Connects, and has no answer yet."
        case .synRecv: "Is being accepted: the handshake is half open."
        case .established: "Open."
        case .closeWait: "Closed by the peer, but not by the program."
        case .finWait1: "Closed here, and not acknowledged by the peer."
        case .finWait2: "Closed here, but not by the peer."
        case .closing: "Closed by both at the same time."
        case .lastAck: "Closed by the peer first, and then here."
        case .timeWait: "Over. Late packets are waited for."
        case .close: "Bound to a port and not connected, or closed."
        }
    }

    mutating func writePorts() {
        guard !tables.ports.isEmpty else { return }
        heading("Ephemeral ports", "ports")
        html.beginTable([
            Column("Family"), Column("Used", "n"), Column("Available", "n minor"),
            Column("To one destination", "n"), Column("", "minor wide"),
        ])
        for row in tables.ports {
            html.markup("<tr><th scope=\"row\">")
            html.text(row.familyName)
            if !row.namespace.isEmpty {
                html.markup(" <span class=\"kind\">in ")
                html.name(row.namespace)
                html.markup("</span>")
            }
            html.markup("</th>")
            html.cell(row.used)
            html.cell(row.available, "n minor")
            let isLow = AlertThreshold.ephemeralPorts.isReached(by: row.busiestPart)
            html.cell(
                "\(row.busiest.grouped) (\(row.busiestPart.percent))", "n", isDim: row.busiest == 0,
                level: isLow ? .warning : nil)
            html.markup("<td class=\"minor wide\">")
            html.bar([(row.busiest, isLow ? "warning" : "listen")], of: row.available)
            html.markup("</td></tr>\n")
        }
        html.endTable()
    }
}
