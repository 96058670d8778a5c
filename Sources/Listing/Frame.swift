import ByteText
import Linux

extension [UInt8] {
    /// Appends a screen full: the header, as many rows as there is room for, and what is not seen.
    mutating func append(frame reading: Reading, rowsMax: Int, _ style: TextStyle) {
        append(rows: reading.content, rowsMax: rowsMax - 1, style)
        let shownMax = Swift.max(0, rowsMax - 2)
        append(status: reading, hidden: Swift.max(0, reading.content.rowCount - shownMax), style)
    }

    private mutating func append(rows content: some Content, rowsMax: Int, _ style: TextStyle) {
        guard rowsMax > 0 else { return }
        let rows = 0..<Swift.min(content.rowCount, rowsMax - 1)
        var layout = SheetLayout(content, rows: rows, style)
        layout.writeHeader(to: &self)
        for row in rows { layout.write(row: row, to: &self) }
    }

    /// The last line, without an end: on the last line of a screen it would scroll.
    private mutating func append(status reading: Reading, hidden: Int, _ style: TextStyle) {
        let ellipsis = style.charset == .utf8 ? "…" : "..."
        let rowCount = reading.content.rowCount
        let count =
            hidden > 0
            ? "\(ellipsis) \(hidden) more" : "\(rowCount) \(rowCount == 1 ? "row" : "rows")"
        let text = ([count + ", " + reading.time.clockText] + reading.problems)
            .joined(separator: "; ")
        let emphasis: Emphasis = reading.problems.isEmpty ? .faint : .attention
        let columnsMax = style.columnsMax ?? .max
        var line: [UInt8] = []
        var width = 0
        for scalar in text.unicodeScalars { width += line.append(visible: scalar, style.charset) }
        begin(emphasis, style)
        if width > columnsMax {
            width = append(line[...], cutTo: columnsMax, style)
        } else {
            append(contentsOf: line)
        }
        end(emphasis, style)
        if width < columnsMax { append("\u{1B}[K") }
    }
}
