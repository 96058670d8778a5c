import ByteText

/// Builds HTML as bytes, with all text escaped.
struct HTMLText {
    private(set) var bytes: [UInt8] = []

    /// Appends markup as it is.
    mutating func markup(_ literal: StaticString) {
        bytes.append(literal)
    }

    /// Appends untrusted text, escaped; also for attribute values in double quotes.
    mutating func text(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// Appends an untrusted name, isolated so that its writing direction affects nothing else. A line can
    /// break behind its separators, and so no word is broken that fits into one.
    mutating func name(_ name: String) {
        markup("<bdi>")
        var before: UInt8 = 0
        for byte in name.utf8 {
            let isBoundary = "-_./:@".utf8.contains(before) && !"-_./:@".utf8.contains(byte)
            if isBoundary { markup("<wbr>") }
            append(byte)
            before = byte
        }
        markup("</bdi>")
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "&"): bytes.append("&amp;")
        case UInt8(ascii: "<"): bytes.append("&lt;")
        case UInt8(ascii: ">"): bytes.append("&gt;")
        case UInt8(ascii: "\""): bytes.append("&quot;")
        default: bytes.append(byte)
        }
    }

    /// Appends an element with a class around text.
    mutating func span(_ kind: StaticString, _ text: String) {
        markup("<span class=\"")
        markup(kind)
        markup("\">")
        self.text(text)
        markup("</span>")
    }
}

// MARK: - Tables

extension HTMLText {
    /// The head of a column.
    struct Column {
        var title: String
        /// Its classes: `n` for numbers, `minor` for what small screens leave out, a state for its colour.
        var kind: StaticString

        init(_ title: String, _ kind: StaticString = "") {
            (self.title, self.kind) = (title, kind)
        }
    }

    /// Appends the head of a table, in a box that scrolls sideways.
    mutating func beginTable(_ columns: [Column]) {
        markup("<div class=\"box\"><table><thead><tr>")
        for column in columns {
            markup("<th scope=\"col\" class=\"")
            markup(column.kind)
            markup("\">")
            text(column.title)
            markup("</th>")
        }
        markup("</tr></thead><tbody>\n")
    }

    mutating func endTable() {
        markup("</tbody></table></div>\n")
    }

    /// Appends a cell with a number; 0 is dimmed.
    mutating func cell(_ value: Double, _ kind: StaticString = "n", level: Problem.Severity? = nil)
    {
        cell(value.grouped, kind, isDim: value == 0, level: level)
    }

    /// Appends a cell with text.
    mutating func cell(
        _ text: String, _ kind: StaticString, isDim: Bool = false, level: Problem.Severity? = nil
    ) {
        beginCell(kind, isDim: isDim, level: level)
        self.text(text)
        markup("</td>")
    }

    /// Begins a cell. A level has a sign and a colour.
    mutating func beginCell(_ kind: StaticString, isDim: Bool, level: Problem.Severity?) {
        markup("<td class=\"")
        markup(kind)
        if isDim { markup(" dim") }
        if let level {
            markup(" ")
            markup(level.kind)
        }
        markup("\">")
        if let level { mark(level) }
    }

    /// Appends the sign of a level, so that colour alone says nothing.
    mutating func mark(_ level: Problem.Severity) {
        markup("<span class=\"mark\" role=\"img\" aria-label=\"")
        markup(level.word)
        markup("\">")
        markup(level.sign)
        markup("</span> ")
    }
}

extension Problem.Severity {
    /// Its class.
    var kind: StaticString {
        switch self {
        case .critical: "critical"
        case .warning: "warning"
        case .notice: "notice"
        }
    }

    var word: StaticString {
        switch self {
        case .critical: "Critical"
        case .warning: "Warning"
        case .notice: "Notice"
        }
    }

    fileprivate var sign: StaticString {
        switch self {
        case .critical: "\u{25B2}"
        case .warning: "\u{25B3}"
        case .notice: "\u{25CB}"
        }
    }
}
