import CLinux

/// How text is written: what the reader's terminal takes.
package enum Charset: Sendable {
    case utf8
    /// Other than UTF-8. Bytes above 127 may mean anything there, even controls.
    case ascii
}

// Text from outside as a terminal may have it. Any local user names his executable: what would move
// the cursor, hide, reorder or pretend is shown as an escape that says what it is. A text so written
// can be read back, has no two spaces in a row, and is never `-` or in parentheses, which say that
// there is no name. The empty one is two quotes.
extension [UInt8] {
    /// Appends a name.
    ///
    /// - Returns: The columns that it takes.
    mutating func append(visible text: String, _ charset: Charset) -> Int {
        let start = count
        append(contentsOf: text.utf8)
        if isPlain(from: start) { return count - start }
        removeLast(count - start)
        return append(escaping: text, charset)
    }

    /// Whether nothing has to be escaped, and each byte is a column.
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
                ? isDoubtfulSpace(index, scalars)
                : index == scalars.startIndex && isDoubtfulStart(scalars)
            width +=
                isMisleading
                ? append(escape: scalars[index]) : append(visible: scalars[index], charset)
        }
        return width
    }

    /// Whether a space could be taken for the one between columns.
    private func isDoubtfulSpace(
        _ index: String.UnicodeScalarView.Index, _ scalars: String.UnicodeScalarView
    ) -> Bool {
        index == scalars.startIndex || scalars.index(after: index) == scalars.endIndex
            || scalars[scalars.index(before: index)] == " "
    }

    /// Whether a text begins as if it were none, or with a mark that joins what stands before it.
    private func isDoubtfulStart(_ scalars: String.UnicodeScalarView) -> Bool {
        guard let first = scalars.first else { return true }
        return first == "(" || first == "\"" || first.width == 0
            || (first == "-" && scalars.count == 1)
    }

    /// Appends a character as it is, or as an escape if it is none that shows.
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
    /// Whether a terminal would do something else than to show it: controls, formats (among them
    /// those that reorder), other spaces and line ends, what is no character or no one's, what is
    /// ignored when unknown.
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

    /// How many columns of a terminal it takes, of those that are shown as they are.
    var width: Int { 0x20...0x7E ~= value ? 1 : max(0, Int(clinux_display_width(value))) }
}

/// A message with its line ends, and with escapes for all else that is hidden in it: it may quote the
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
