import ByteText

/// How listings are written to a terminal or a file.
package struct TextStyle: Sendable {
    /// The maximum width of a row; nil cuts nothing.
    package var columnsMax: Int?
    package var isColored = false
    package var charset = Charset.utf8
    /// Whether each line erases what the previous screen has to its right.
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

    /// Ends a line of this width. After a full line the cursor is still on the last column: erasing
    /// would remove that.
    mutating func endLine(width: Int, _ style: TextStyle) {
        if style.erasesLineEnds, width < style.columnsMax ?? .max { append("\u{1B}[K") }
        append("\n")
    }

    /// Appends visible text, cut to a width.
    ///
    /// - Parameter keepsPort: Whether it is cut before its last colon and not at its end.
    /// - Returns: The width in columns.
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
