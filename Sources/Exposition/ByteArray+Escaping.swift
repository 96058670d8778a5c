import ByteText

extension [UInt8] {
    /// Appends a label's value as both formats escape it: backslash, quote and newline. A zero,
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

    /// Appends the text of `# HELP`, where backslash and newline are escaped, and in OpenMetrics
    /// quotes too.
    mutating func append(help: StaticString, as format: ExpositionFormat) {
        help.withUTF8Buffer { text in
            for index in 0..<text.count {
                switch unsafe text[index] {
                case UInt8(ascii: "\\"): append("\\\\")
                case UInt8(ascii: "\n"): append("\\n")
                case UInt8(ascii: "\"") where format == .openMetrics: append("\\\"")
                case let byte: append(byte)
                }
            }
        }
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
