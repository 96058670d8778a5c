import Foundation

/// Reads one line of an exposition from its start to its end (see ``MetricsText``).
struct LineReader {
    private let line: [UInt8]
    private var offset = 0

    init(_ line: [UInt8]) {
        self.line = line
    }

    func malformed(_ rule: String) -> MetricsText.Malformed {
        MetricsText.Malformed(rule: rule, line: String(decoding: line, as: UTF8.self))
    }

    /// Passes over the text if it comes next.
    mutating func skip(_ text: String) -> Bool {
        guard line[offset...].starts(with: text.utf8) else { return false }
        offset += text.utf8.count
        return true
    }

    mutating func expect(_ text: String) throws {
        guard skip(text) else { throw malformed("expected “\(text)” at byte \(offset)") }
    }

    /// What is left.
    mutating func rest() -> String {
        defer { offset = line.count }
        return String(decoding: line[offset...], as: UTF8.self)
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    mutating func metricName() throws -> String { try name { isLetter($0) || $0 == 0x3A } }

    /// The rest of the line, in which backslash and newline are escaped, and nothing else is.
    mutating func helpText() throws -> String {
        var text: [UInt8] = []
        while offset < line.count { text.append(try character(quoteIsEscaped: false)) }
        return String(decoding: text, as: UTF8.self)
    }

    mutating func sample() throws -> MetricsText.Sample {
        let name = try metricName()
        let labels = skip("{") ? try labels() : []
        try expect(" ")
        let spelling = rest()
        guard let value = Self.number(spelling) else { throw malformed("not a number") }
        return MetricsText.Sample(name: name, labels: labels, spelling: spelling, value: value)
    }

    private mutating func labels() throws -> [MetricsText.Label] {
        var labels: [MetricsText.Label] = []
        repeat {
            let name = try name(isLetter)
            try expect("=\"")
            var value: [UInt8] = []
            while !skip("\"") { value.append(try character(quoteIsEscaped: true)) }
            guard !value.isEmpty else { throw malformed("an empty label is no label") }
            labels.append(MetricsText.Label(name, String(decoding: value, as: UTF8.self)))
        } while skip(",")
        try expect("}")
        return labels
    }

    private mutating func character(quoteIsEscaped: Bool) throws -> UInt8 {
        guard offset < line.count else { throw malformed("ends within a text") }
        if skip("\\\\") { return UInt8(ascii: "\\") }
        if skip("\\n") { return UInt8(ascii: "\n") }
        if quoteIsEscaped, skip("\\\"") { return UInt8(ascii: "\"") }
        let byte = line[offset]
        guard byte != UInt8(ascii: "\\"), byte != 0 else { throw malformed("unknown escape") }
        offset += 1
        return byte
    }

    private mutating func name(_ isAllowed: (UInt8) -> Bool) throws -> String {
        let start = offset
        while offset < line.count, isAllowed(line[offset]) || isDigit(line[offset]) { offset += 1 }
        guard offset > start, !isDigit(line[start]) else { throw malformed("no name") }
        return String(decoding: line[start..<offset], as: UTF8.self)
    }

    /// The spellings that Prometheus reads, without those of other programs (hexadecimal, spaces).
    private static func number(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "+Inf": .infinity
        case "-Inf": -.infinity
        default: text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) } ? Double(text) : nil
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
}
