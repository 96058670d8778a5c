/// A sample as it stands in an exposition, for those who show it otherwise.
package struct WrittenSample: Equatable, Sendable {
    /// The labels in the order in which they were written.
    package var labels: [(name: String, value: String)]
    package var value: Double

    /// The value of a label; empty where the sample has no such label, which is the same.
    package subscript(name: String) -> String {
        labels.first { $0.name == name }?.value ?? ""
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.value == b.value && a.labels.elementsEqual(b.labels, by: ==)
    }

    /// - Parameter line: `NAME{LABEL="VALUE",…} NUMBER`, as `Samples` writes it.
    init?(line: ArraySlice<UInt8>) {
        guard let end = line.lastIndex(of: UInt8(ascii: " ")),
            let value = Double(String(decoding: line[(end + 1)...], as: UTF8.self))
        else { return nil }
        self.value = value
        labels = []
        guard let brace = line[..<end].firstIndex(of: UInt8(ascii: "{")) else { return }
        var rest = line[(brace + 1)..<end]
        while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
            let name = String(decoding: rest[..<equals], as: UTF8.self)
            rest = rest[(equals + 2)...]  // The opening quote is behind it.
            labels.append((name, String(decoding: Self.takeValue(&rest), as: UTF8.self)))
        }
    }

    /// Takes a value off the front, its escapes undone, with the quote and the comma behind it.
    private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        var value: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                value.append(byte)
                continue
            }
            value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
        }
        if rest.first == UInt8(ascii: ",") { rest.removeFirst() }
        return value
    }
}

extension TextExposition {
    /// The samples of a family in the order in which they were written, read back from their bytes:
    /// whoever shows them says what the exposition says. Nil when the family was not written.
    package func samples(of family: MetricFamily) -> [WrittenSample]? {
        let sections = bytesWritten(of: family)
        if sections.isEmpty { return nil }
        return sections.flatMap { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).compactMap(WrittenSample.init)
        }
    }
}
