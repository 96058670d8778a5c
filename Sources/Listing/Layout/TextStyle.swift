import ByteText

/// How sheets are written.
package struct TextStyle: Sendable {
    /// Rows are no wider than this; nil is as wide as they are.
    package var columnsMax: Int?
    package var isColored = false
    package var charset = Charset.utf8
    /// Whether what an earlier frame wrote right of a line is erased.
    var erasesLineEnds = false

    package init(columnsMax: Int? = nil, isColored: Bool = false, charset: Charset = .utf8) {
        self.columnsMax = columnsMax
        self.isColored = isColored
        self.charset = charset
    }
}

extension [UInt8] {
    mutating func begin(_ emphasis: Emphasis, _ style: TextStyle) {
        if style.isColored { append(emphasis.controlSequence) }
    }

    mutating func end(_ emphasis: Emphasis, _ style: TextStyle) {
        if style.isColored, emphasis != .none { append("\u{1B}[m") }
    }

    /// Ends a line that took so many columns. In a full line the cursor still stands on the last
    /// column, and erasing would take that.
    mutating func endLine(width: Int, _ style: TextStyle) {
        if style.erasesLineEnds, width < style.columnsMax ?? .max { append("\u{1B}[K") }
        append("\n")
    }

    /// Appends visible text, cut to so many columns.
    ///
    /// - Parameter keepsPort: Whether it is cut before its last colon and not at its end.
    /// - Returns: The columns that it takes.
    mutating func append(
        _ text: ArraySlice<UInt8>, cutTo widthMax: Int, keepsPort: Bool = false, _ style: TextStyle
    ) -> Int {
        let colon = keepsPort ? text.lastIndex(of: UInt8(ascii: ":")) : nil
        let tail = text[(colon ?? text.endIndex)...]
        guard tail.count + 2 <= widthMax else {
            return append(head: text, widthMax, style)
        }
        let width = append(head: text[..<tail.startIndex], widthMax - tail.count, style)
        append(contentsOf: tail)
        return width + tail.count
    }

    private mutating func append(
        head text: ArraySlice<UInt8>, _ widthMax: Int, _ style: TextStyle
    ) -> Int {
        guard widthMax > 0 else { return 0 }
        var width = 0
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            guard width + scalar.width < widthMax else { break }
            append(utf8: scalar)
            width += scalar.width
        }
        if style.charset == .utf8 { append("…") } else { append("~") }
        return width + 1
    }
}
