import ByteText
import Linux

// JSON (RFC 8259), one object a line. Characters that a terminal does not show are escaped, so that
// the output is safe to display. Numbers are below 2^53, which every parser reads exactly.
extension [UInt8] {
    /// Appends a string, or null.
    mutating func append(json text: String?) {
        guard let text else {
            append("null")
            return
        }
        append("\"")
        for scalar in text.unicodeScalars { append(json: scalar) }
        append("\"")
    }

    /// Appends a literal that needs no escapes, or null.
    mutating func append(json label: StaticString?) {
        guard let label else {
            append("null")
            return
        }
        append("\"")
        append(label)
        append("\"")
    }

    /// Appends a number, or null.
    mutating func append(json number: UInt64?) {
        if let number { append(decimal: number) } else { append("null") }
    }

    private mutating func append(json scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append("\\\"")
        case "\\": append("\\\\")
        case " "..."~": append(UInt8(truncatingIfNeeded: scalar.value))
        default:
            guard scalar.isHidden else {
                append(utf8: scalar)
                return
            }
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                append("\\u")
                for shift in [12, 8, 4, 0] { append(hexDigit: UInt8(unit >> shift & 15)) }
            }
        }
    }

    private mutating func append(hexDigit digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    /// Appends the beginning of an object; in a watch, it starts with the time.
    mutating func beginObject(_ time: WallTime?) {
        append("{")
        guard let time else { return }
        append("\"time\":")
        append(decimal: UInt64(Swift.max(0, time.seconds)))
        append(".")
        let milliseconds = UInt64(time.milliseconds)
        if milliseconds < 100 { append("0") }
        if milliseconds < 10 { append("0") }
        append(decimal: milliseconds)
        append(",")
    }
}
