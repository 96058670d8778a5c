import CLinux

/// The character set of the terminal.
package enum Charset: Sendable {
    case utf8
    /// Any other than UTF-8. There, bytes above 127 may even be control characters.
    case ascii
}

// Untrusted text, made safe for a terminal. Any local user can choose an executable's name:
// characters that would move the cursor, hide or reorder text are escaped. The result can be parsed
// back, has no two spaces in a row, and is never `-` or in parentheses, which stand for a missing
// name. An empty name is written as two quotes.
extension [UInt8] {
    /// Appends a name.
    ///
    /// - Returns: The width in columns.
    mutating func append(visible text: String, _ charset: Charset) -> Int {
        let start = count
        append(contentsOf: text.utf8)
        if isPlain(from: start) { return count - start }
        removeLast(count - start)
        return append(escaping: text, charset)
    }

    /// Whether the bytes from there on need no escape and are one column each.
    private func isPlain(from start: Int) -> Bool {
        guard start < count else { return false }
        switch self[start] {
        case UInt8(ascii: "-") where count == start + 1: return false
        case UInt8(ascii: "("), UInt8(ascii: "\""): return false
        default: return self[start...].allSatisfy { 0x21...0x7E ~= $0 && $0 != 0x5C }
        }
    }

    private mutating func append(escaping text: String, _ charset: Charset) -> Int {
        if text.isEmpty { return append(ascii: "\"\"") }
        let scalars = text.unicodeScalars
        var width = 0
        for index in scalars.indices {
            let isMisleading =
                scalars[index] == " "
                ? isAmbiguousSpace(index, scalars)
                : index == scalars.startIndex && isAmbiguousStart(scalars)
            width +=
                isMisleading
                ? append(escape: scalars[index]) : append(visible: scalars[index], charset)
        }
        return width
    }

    /// Whether a space could be mistaken for the gap between columns.
    private func isAmbiguousSpace(
        _ index: String.UnicodeScalarView.Index, _ scalars: String.UnicodeScalarView
    ) -> Bool {
        index == scalars.startIndex || scalars.index(after: index) == scalars.endIndex
            || scalars[scalars.index(before: index)] == " "
    }

    /// Whether the text looks like a missing name, or starts with a combining character.
    private func isAmbiguousStart(_ scalars: String.UnicodeScalarView) -> Bool {
        guard let first = scalars.first else { return true }
        return first == "(" || first == "\"" || first.width == 0
            || (first == "-" && scalars.count == 1)
    }

    /// Appends a character, or its escape if a terminal would not show it.
    ///
    /// - Returns: The width in columns.
    mutating func append(visible scalar: Unicode.Scalar, _ charset: Charset) -> Int {
        switch scalar.value {
        case 0x5C: return append(ascii: "\\\\")
        case 0x20...0x7E:
            append(UInt8(truncatingIfNeeded: scalar.value))
            return 1
        default:
            guard charset == .utf8, !scalar.isHidden else { return append(escape: scalar) }
            append(utf8: scalar)
            return Int(clinux_display_width(scalar.value))
        }
    }

    private mutating func append(escape scalar: Unicode.Scalar) -> Int {
        let digits = String(scalar.value, radix: 16)
        guard scalar.value > 0x7F else {
            return append(ascii: "\\x" + (digits.count < 2 ? "0" : "") + digits)
        }
        return append(ascii: "\\u{\(digits)}")
    }

    private mutating func append(ascii text: String) -> Int {
        append(contentsOf: text.utf8)
        return text.utf8.count
    }
}

extension Unicode.Scalar {
    /// Whether a terminal does not show it as itself: control and format characters (including
    /// those that reorder text), unusual spaces and line ends, unassigned and private characters,
    /// and those that are ignored by default.
    var isHidden: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            true
        case .spaceSeparator: self != " "
        default:
            properties.isDefaultIgnorableCodePoint || clinux_display_width(value) < 0
        }
    }

    /// The width in columns of a character that is not hidden.
    var width: Int { 0x20...0x7E ~= value ? 1 : max(0, Int(clinux_display_width(value))) }
}

/// A message with its line ends kept and all other hidden characters escaped: it may quote the
/// command line.
package func visible(message: String) -> String {
    var bytes: [UInt8] = []
    for scalar in message.unicodeScalars {
        if scalar == "\n" || scalar == "\\" {
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        } else {
            _ = bytes.append(visible: scalar, .utf8)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
