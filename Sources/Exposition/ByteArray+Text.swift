extension [UInt8] {
    /// Appends a literal without allocating.
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }

    /// Appends a label's value as the text format escapes it: backslash, quote and newline. A zero,
    /// which no Linux name can hold and Prometheus' lexer takes for the end, becomes U+FFFD.
    mutating func append(labelValue value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\n"): append("\\n")
            case 0: append("\u{FFFD}")
            default: append(byte)
            }
        }
    }

    /// Appends the text of `# HELP`, where backslash and newline are escaped.
    mutating func append(help: StaticString) {
        help.withUTF8Buffer { text in
            for index in 0..<text.count {
                switch unsafe text[index] {
                case UInt8(ascii: "\\"): append("\\\\")
                case UInt8(ascii: "\n"): append("\\n")
                case let byte: append(byte)
                }
            }
        }
    }

    /// Appends decimal digits without allocating.
    mutating func append(decimal value: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)  // 2^64 has 20
        var start = digits.count
        var rest = value
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in start..<digits.count { append(digits[index]) }
    }

    /// Appends a number in the spelling that Go's `ParseFloat` reads, which the format asks for.
    mutating func append(_ value: Double) {
        if value.isNaN {
            append("NaN")
        } else if value.isInfinite {
            append(value < 0 ? "-Inf" : "+Inf")
        } else {
            append(contentsOf: value.description.utf8)
        }
    }
}
