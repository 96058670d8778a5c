import ByteText
import Linux

extension [UInt8] {
    /// Appends one screen: the header, as many rows as fit, and a status line.
    mutating func append(screen listing: ListingResult, rowsMax: Int, _ style: TextStyle) {
        append(rows: listing.content, rowsMax: rowsMax - 1, style)
        let shownMax = Swift.max(0, rowsMax - 2)
        append(status: listing, hidden: Swift.max(0, listing.content.rowCount - shownMax), style)
    }

    private mutating func append(
        rows content: some ListingContent, rowsMax: Int, _ style: TextStyle
    ) {
        guard rowsMax > 0 else { return }
        let rows = 0..<Swift.min(content.rowCount, rowsMax - 1)
        var layout = ColumnLayout(content, rows: rows, style)
        layout.writeHeader(to: &self)
        for row in rows { layout.write(row: row, to: &self) }
    }

    /// The last line. It has no line end, which would scroll the screen.
    private mutating func append(status listing: ListingResult, hidden: Int, _ style: TextStyle) {
        let ellipsis = style.charset == .utf8 ? "…" : "..."
        let rowCount = listing.content.rowCount
        let count =
            hidden > 0
            ? "\(ellipsis) \(hidden) more" : "\(rowCount) \(rowCount == 1 ? "row" : "rows")"
        let text = ([count + ", " + listing.time.clockText] + listing.problems)
            .joined(separator: "; ")
        let emphasis: Emphasis = listing.problems.isEmpty ? .faint : .warning
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
