import ByteText
import Linux

/// One screen of a watch.
struct WatchScreen {
    var rows: WatchRows
    var view: WatchView
    var time: WallTime
    var problems: [String]
    /// The terminal's height.
    var rowsMax: Int

    /// Whether there is room for a line that explains the keys.
    private var hasHelp: Bool { rowsMax >= 5 }

    /// How many rows the screen has room for, beside the header, the status and the help.
    var pageRowCount: Int { max(0, rowsMax - (hasHelp ? 3 : 2)) }

    /// The rows on the screen.
    fileprivate var shown: Range<Int> {
        let start = min(view.offset, rows.rowCount)
        return start..<min(rows.rowCount, start + pageRowCount)
    }

    fileprivate var helpText: String? {
        guard hasHelp || view.isTyping else { return nil }
        return view.isTyping
            ? "filter: \(view.filter)_  (Enter keeps it, Esc clears it)"
            : "q quit  j/k PgUp PgDn Home End scroll  h/l columns  < > sort by  r reverse  / filter"
                + "  + new  ~ changed  - gone"
    }

    fileprivate var statusText: String {
        let count = rows.rowCount
        var text =
            shown.count < count
            ? "\(shown.lowerBound + 1)-\(shown.upperBound) of \(count) rows"
            : "\(count) \(count == 1 ? "row" : "rows")"
        if shown.isEmpty, count > 0 { text = "\(count) rows" }
        if !view.filter.isEmpty { text += " with '\(view.filter)'" }
        return ([text + ", " + time.clockText] + problems).joined(separator: "; ")
    }
}

extension [UInt8] {
    /// Appends one screen: the header, as many rows as fit, a status line, and what keys do.
    mutating func append(screen: WatchScreen, _ style: TextStyle) {
        var style = style
        style.isScreen = true
        // The column of marks stays.
        style.scrolledColumns = screen.view.scrolledColumns + 1
        if screen.rowsMax > 1 {
            var layout = ColumnLayout(screen.rows, rows: screen.shown, style)
            if style.hasHeader || screen.pageRowCount == 0 { layout.writeHeader(to: &self) }
            for row in screen.shown { layout.write(row: row, to: &self) }
        }
        let help = screen.helpText
        // On a low terminal the prompt takes the place of the status.
        if help == nil || screen.rowsMax >= 5 {
            let emphasis: Emphasis = screen.problems.isEmpty ? .faint : .warning
            let width = append(line: screen.statusText, emphasis, style)
            if help != nil { endLine(width: width, style) } else { erase(after: width, style) }
        }
        if let help {
            let width = append(line: help, screen.view.isTyping ? .title : .faint, style)
            erase(after: width, style)
        }
    }

    /// The last line has no line end, which would scroll the screen.
    private mutating func erase(after width: Int, _ style: TextStyle) {
        if width < style.columnsMax ?? .max { append("\u{1B}[K") }
    }

    /// - Returns: The width in columns.
    private mutating func append(line text: String, _ emphasis: Emphasis, _ style: TextStyle) -> Int
    {
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
        return width
    }
}
