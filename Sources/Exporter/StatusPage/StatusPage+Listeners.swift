import TCPModel

// Listeners, the fullest first.
extension StatusPage {
    private static let busyMax = 100
    private static let idleMax = 200

    private typealias Column = HTMLText.Column

    mutating func writeListeners() {
        guard tables.hasListeners else { return }
        heading("Listeners", "listeners")
        let listeners = tables.listeners.enumerated().sorted { a, b in
            let (x, y) = (a.element, b.element)
            return x.sortKey == y.sortKey ? a.offset < b.offset : x.sortKey > y.sortKey
        }.map(\.element)
        let busy = listeners.prefix { !$0.isIdle }
        let idle = listeners.dropFirst(busy.count)
        guard !listeners.isEmpty else { return paragraph("No program listens on a TCP port.") }
        if !busy.isEmpty { writeTable(busy.prefix(Self.busyMax)) }
        if busy.count > Self.busyMax { writeRest(busy.count - Self.busyMax, "") }
        guard !idle.isEmpty else { return }
        html.markup("<details id=\"idle\"><summary>")
        html.text(Double(idle.count).counted("idle listener", "", ""))
        html.markup(
            " <span class=\"dim\">nothing waits, was dropped or is connected</span></summary>\n")
        writeTable(idle.prefix(Self.idleMax))
        if idle.count > Self.idleMax { writeRest(idle.count - Self.idleMax, "idle ") }
        html.markup("</details>\n")
    }

    private mutating func writeRest(_ count: Int, _ kind: String) {
        paragraph(
            "\(Double(count).counted("more \(kind)listener")) not shown. List all: "
                + "tcptable --listening")
    }

    private mutating func writeTable(_ rows: ArraySlice<ListenerRow>) {
        let hasDrops = rows.contains { $0.dropped > 0 }
        html.beginTable(
            [Column("Listener"), Column("Accept queue", "n"), Column("", "minor wide")]
                + (hasDrops ? [Column("Dropped", "n")] : []) + [Column("Connected", "n")])
        for row in rows { write(row, hasDrops: hasDrops) }
        html.endTable()
    }

    private mutating func write(_ row: ListenerRow, hasDrops: Bool) {
        html.markup("<tr><th scope=\"row\">")
        writeName(row.module)
        html.markup(" <span class=\"kind\">")
        html.name(row.place)
        html.markup("</span></th>")
        if row.socketCount == 0 {
            html.cell("–", "n", isDim: true)
        } else {
            writeQueue(row)
        }
        html.markup("<td class=\"minor wide\">")
        html.bar([(row.length, row.queueLevel.map { "\($0.kind)" } ?? "listen")], of: row.limit)
        html.markup("</td>")
        if hasDrops {
            html.cell(
                row.dropped, "n", level: levels[.drops(row.labels, namespace: row.module.namespace)]
            )
        }
        html.cell(row.counts.total)
        html.markup("</tr>\n")
    }

    private mutating func writeQueue(_ row: ListenerRow) {
        html.beginCell("n", isDim: row.length == 0, level: row.queueLevel)
        html.text("\(row.length.grouped) of \(row.limit.grouped)")
        if row.length > row.limit {
            // Where there is a sign, small screens need no word.
            if row.queueLevel == nil { html.text(", full") } else { html.span("minor", ", full") }
        }
        html.markup("</td>")
    }
}

extension ListenerRow {
    /// Full queues, full ones by the alerts first; then the most dropped, then the most connected.
    fileprivate var sortKey: (Int, Double, Double, Double) {
        (
            queueLevel?.rawValue ?? -1, length > 0 ? fullness : 0, dropped, counts.total
        )
    }
}
