import Exposition
import Linux
import TCPModel

// Connections by owner module and state.
extension StatusPage {
    private static let modulesMax = 100

    mutating func writeModules() {
        guard tables.hasModules else { return }
        let modules = sortedModules()
        let shown = modules.prefix(Self.modulesMax)
        let occurring = shown.reduce(into: PageCounts()) { $0 += $1.counts }
        let states = Self.statesByMeaning.filter { occurring[$0] > 0 }
        heading("Programs", "modules")
        guard !modules.isEmpty else { return paragraph("No program has a TCP socket.") }
        html.beginTable(
            [Column("Program"), Column("Sockets", "n"), Column("", "minor wide")]
                + states.map { Column($0.label.description, Self.columnKind($0)) }
                + (tables.hasQueues
                    ? [Column("Unread", "n minor"), Column("Unsent", "n minor")] : [])
                + [Column(trendTitle, "minor")])
        let largest = shown.map(\.counts.total).max() ?? 0
        for row in shown { write(row, states, largest) }
        html.endTable()
        let rest = modules.dropFirst(Self.modulesMax)
        if !rest.isEmpty {
            let sockets = rest.reduce(0) { $0 + $1.counts.total }
            paragraph(
                "\(Double(rest.count).counted("more program", "has", "have")) "
                    + "\(sockets.counted("socket")). List all: tcptable --by module")
        }
    }

    /// How far the memory reaches back.
    private var trendTitle: String {
        let points = scrape.history.points(of: .sockets)
        guard let first = points.first, let last = points.last, points.count > 1 else { return "" }
        return "Last \((last.time - first.time).spelled)"
    }

    private typealias Column = HTMLText.Column

    /// Established connections first, then what can be a problem.
    private static let statesByMeaning: [TCPState] = [
        .established, .closeWait, .synSent, .synRecv, .finWait1, .finWait2, .closing, .lastAck,
        .timeWait, .listen, .close,
    ]

    /// Small screens have room for what can be a problem.
    private static func columnKind(_ state: TCPState) -> StaticString {
        state == .closeWait || state == .synSent ? "n state" : "n state minor"
    }

    /// Those with the worst problems first, then the largest.
    private func sortedModules() -> [ModuleRow] {
        let levels = Dictionary(
            problems.compactMap { problem in problem.module.map { ($0, problem.severity.rawValue) }
            },
            uniquingKeysWith: max)
        return tables.modules.map { (level: levels[$0.module] ?? -1, row: $0) }.sorted { a, b in
            let (x, y) = (a.row, b.row)
            if a.level != b.level { return a.level > b.level }
            if x.counts.total != y.counts.total { return x.counts.total > y.counts.total }
            return (x.module.name, x.module.namespace, x.module.kind)
                < (y.module.name, y.module.namespace, y.module.kind)
        }.map(\.row)
    }

    private mutating func write(_ row: ModuleRow, _ states: [TCPState], _ largest: Double) {
        html.markup("<tr><th scope=\"row\">")
        writeName(row.module)
        if row.module.kind != "process" {
            html.markup(" ")
            html.span("kind", row.module.kind.replacing("_", with: " "))
        }
        html.markup("</th>")
        html.cell(row.counts.total)
        html.markup("<td class=\"minor wide\">")
        html.bar(states.map { (row[$0], $0.label.description) }, of: largest)
        html.markup("</td>")
        for state in states {
            html.cell(
                row[state], Self.columnKind(state), level: levels[.connections(row.module, state)])
        }
        if tables.hasQueues {
            for value in [row.receiveQueue, row.sendQueue] {
                html.cell(value.byteText, "n minor", isDim: value == 0)
            }
        }
        html.markup("<td class=\"minor\">")
        html.sparkline(
            scrape.history.points(of: .module(row.module.labels, row.module.namespace)))
        html.markup("</td></tr>\n")
    }

    /// Writes a module's name, with its network namespace.
    mutating func writeName(_ module: PageModule) {
        if module.isAttributed {
            html.name(module.name)
        } else {
            html.text(module.name.isEmpty ? "Unattributed" : "Unattributed (\(module.name))")
        }
        guard !module.namespace.isEmpty else { return }
        html.markup(" <span class=\"kind\">in ")
        html.name(module.namespace)
        html.markup("</span>")
    }
}
