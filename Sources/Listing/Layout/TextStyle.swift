import ByteText

/// How listings are written to a terminal or a file.
package struct TextStyle: Sendable {
    /// The width of the terminal; nil is any.
    package var columnsMax: Int?
    /// Whether columns that have no room are left out, as a screen cannot wrap lines.
    var isScreen = false
    /// How many columns a screen has been scrolled by.
    var scrolledColumns = 0
    package var hasHeader = true
    package var isColored = false
    package var charset = Charset.utf8
    /// Whether each line erases what the previous screen has to its right.
    var erasesLineEnds = false

    package init(
        columnsMax: Int? = nil, isColored: Bool = false, charset: Charset = .utf8,
        hasHeader: Bool = true
    ) {
        self.hasHeader = hasHeader
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
    /// - Returns: The width in columns.
    mutating func append(
        _ text: ArraySlice<UInt8>, cutTo widthMax: Int, _ style: TextStyle
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
