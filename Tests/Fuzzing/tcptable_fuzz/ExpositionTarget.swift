import Exposition

extension FuzzTarget {
    /// Samples with any labels and numbers, read back by a parser that was written apart, in both formats.
    static let exposition = FuzzTarget(name: "exposition") { input in
        var reader = InputReader(input)
        var exposition = TextExposition()
        var expected: [ParsedSample] = []
        while !reader.isAtEnd {
            let kind = reader.byte()
            let family = families[Int(kind) % families.count]
            let labels = (0..<Int(kind >> 4) % 3).map {
                (name: names[$0], value: reader.shortText())
            }
            var sample = ParsedSample(
                name: family.name.description,
                labels: labels.filter { !$0.value.isEmpty }.map {
                    ["\($0.name)", $0.value.replacingZeros]
                }, value: 0)
            exposition.write(family) { samples in
                if kind & 0x40 == 0 {
                    let value = reader.number(UInt64.self)
                    samples.append(LabelSet(labels), value: value)
                    sample.value = Double(value)
                } else {
                    sample.value = Double(bitPattern: reader.number(UInt64.self))
                    samples.append(LabelSet(labels), measure: sample.value)
                }
            }
            expected.append(sample)
        }
        for format in ExpositionFormat.allCases {
            var bytes: [UInt8] = []
            exposition.assemble(into: &bytes, as: format)
            let parsed = ExpositionParser(bytes, format).samples()
            let sorted = families.flatMap { family in
                expected.filter { $0.name == family.name.description }
            }
            require(parsed == sorted, "\(sorted) is read as \(parsed)")
        }
    }

    private static let names: [StaticString] = ["module", "kind", "path"]

    /// Sorted by name.
    private static let families = [
        MetricFamily("fuzz_connections", labels: names, help: "Connections."),
        MetricFamily("fuzz_dropped_total", .counter, labels: names, help: "A \\ and a \" in it."),
        MetricFamily("fuzz_queue_bytes", labels: names, help: "Bytes."),
    ]
}

private struct ParsedSample: Equatable {
    var name: String
    var labels: [[String]]
    var value: Double

    static func == (a: Self, b: Self) -> Bool {
        let isSameNumber = a.value == b.value || a.value.isNaN && b.value.isNaN
        return isSameNumber && a.name == b.name
            && a.labels.map { $0.map { Array($0.utf8) } }
                == b.labels.map { $0.map { Array($0.utf8) } }
    }
}

extension String {
    fileprivate var replacingZeros: String {
        split(separator: "\0", omittingEmptySubsequences: false).joined(separator: "\u{FFFD}")
    }
}

/// Reads an exposition strictly by its grammar; anything else ends the program.
private struct ExpositionParser {
    private let lines: [[UInt8]]

    init(_ bytes: [UInt8], _ format: ExpositionFormat) {
        var text = bytes
        if format == .openMetrics {
            require(bytes.suffix(6).elementsEqual("# EOF\n".utf8), "no end")
            text.removeLast(6)
        }
        require(text.isEmpty || text.last == 0x0A, "the last line has no end")
        lines = text.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            .map(Array.init)
    }

    func samples() -> [ParsedSample] {
        var samples: [ParsedSample] = []
        var isDescribed: [String: Bool] = [:]
        for line in lines {
            guard line.first == UInt8(ascii: "#") else {
                samples.append(sample(line))
                continue
            }
            let words = String(decoding: line, as: UTF8.self)
                .split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            require(words.count == 4 && ["HELP", "TYPE", "UNIT"].contains(words[1]), "\(words)")
            let key = "\(words[1]) \(words[2])"
            require(isDescribed[key] == nil, "\(key) stands twice")
            isDescribed[key] = true
        }
        return samples
    }

    private func sample(_ line: [UInt8]) -> ParsedSample {
        var rest = line[...]
        func take(until end: (UInt8) -> Bool) -> String {
            let taken = rest.prefix { !end($0) }
            rest = rest.dropFirst(taken.count)
            return String(decoding: taken, as: UTF8.self)
        }
        func expect(_ character: Unicode.Scalar) {
            require(rest.popFirst() == UInt8(ascii: character), "no \(character) in \(line)")
        }
        let name = take { !isNameByte($0) }
        var labels: [[String]] = []
        if rest.first == UInt8(ascii: "{") {
            repeat {
                rest = rest.dropFirst()
                let label = take { !isNameByte($0) }
                expect("=")
                expect("\"")
                labels.append([label, quoted(&rest)])
            } while rest.first == UInt8(ascii: ",")
            expect("}")
        }
        expect(" ")
        let number = String(decoding: rest, as: UTF8.self)
        guard let value = Double(number) else { fatalError("\(number) is no number") }
        return ParsedSample(name: name, labels: labels, value: value)
    }

    private func quoted(_ rest: inout ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            let escapes: [UInt8?: UInt8] = [
                UInt8(ascii: "n"): 0x0A, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
                UInt8(ascii: "\""): UInt8(ascii: "\""),
            ]
            guard let escaped = escapes[rest.popFirst()] else { fatalError("no escape") }
            text.append(escaped)
        }
        fatalError("a value without an end")
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || 97...122 ~= byte
    }
}
