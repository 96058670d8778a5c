/// An exposition in Prometheus' text format 0.0.4, read back by rules of its own: stricter than
/// Prometheus, and written without a look at the code that writes expositions.
///
/// It accepts no blank line, no comment but HELP and TYPE, no family twice or out of order, no series
/// twice, no timestamp, and no sample outside of its family.
package struct MetricsText: Sendable {
    /// One family, with its samples in their order.
    package struct Family: Sendable {
        package let name: String
        package let kind: String
        package let help: String
        package fileprivate(set) var samples: [Sample] = []
    }

    /// One line that is no comment.
    package struct Sample: Sendable {
        package let name: String
        package let labels: [Label]
        /// The number as it is spelled.
        package let spelling: String
        package let value: Double

        /// The value of a label; empty where the label is absent, as in Prometheus' data model.
        package subscript(label: String) -> String {
            labels.first { $0.name == label }?.value ?? ""
        }
    }

    /// A label with its value unescaped.
    package struct Label: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        /// By bytes: strings compare as equal that look the same and are not.
        package static func == (a: Label, b: Label) -> Bool {
            a.name == b.name && a.value.utf8.elementsEqual(b.value.utf8)
        }
    }

    /// Why a text is no exposition: the rule that is broken, and the line.
    package struct Malformed: Error, CustomStringConvertible {
        package let rule: String
        package let line: String

        package var description: String { "\(rule): \(line)" }
    }

    package private(set) var families: [Family] = []

    package init(_ bytes: [UInt8]) throws {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Malformed(rule: "not UTF-8", line: "")
        }
        guard bytes.isEmpty || bytes.last == UInt8(ascii: "\n") else {
            throw Malformed(rule: "the last line has no newline", line: "")
        }
        let lines = bytes.dropLast().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        try read(bytes.isEmpty ? [] : lines.map(Array.init))
        try checkSeries()
    }

    /// The family of that name, if it was written.
    package subscript(name: String) -> Family? {
        families.first { $0.name == name }
    }

    package var names: [String] { families.map(\.name) }

    /// The samples of a family, none where it was not written.
    package func samples(_ name: String) -> [Sample] { self[name]?.samples ?? [] }

    /// The value of the one series with exactly these labels; nil where there is none.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples(name).first { sample in
            sample.labels.count == labels.count
                && sample.labels.allSatisfy { labels[$0.name] == $0.value }
        }?.value
    }

    /// What tells each series from all others: the names of its family and labels, with their values.
    package var series: Set<String> {
        Set(
            families.flatMap { family in
                family.samples.map { sample in
                    sample.name + sample.labels.map { " \($0.name)=\($0.value)" }.joined()
                }
            })
    }

    /// The sum of a family by the values of one label.
    package func sums(_ name: String, by label: String) -> [String: Double] {
        samples(name).reduce(into: [:]) { $0[$1[label], default: 0] += $1.value }
    }

    /// The sum of a family over all its series.
    package func sum(_ name: String) -> Double {
        samples(name).reduce(0) { $0 + $1.value }
    }
}

extension MetricsText {
    private mutating func read(_ lines: [[UInt8]]) throws {
        var help: (name: String, text: String)?
        for line in lines {
            var reader = LineReader(line)
            if reader.skip("# HELP ") {
                let name = try reader.metricName()
                try reader.expect(" ")
                help = (name, try reader.helpText())
            } else if reader.skip("# TYPE ") {
                guard let (name, text) = help, try reader.metricName() == name else {
                    throw reader.malformed("TYPE does not follow HELP")
                }
                help = nil
                try reader.expect(" ")
                try begin(Family(name: name, kind: reader.rest(), help: text), reader)
            } else {
                guard help == nil else { throw reader.malformed("HELP without TYPE") }
                try append(try reader.sample(), reader)
            }
        }
    }

    private mutating func begin(_ family: Family, _ reader: LineReader) throws {
        guard family.kind == "gauge" || family.kind == "counter" else {
            throw reader.malformed("unknown type")
        }
        guard families.last.map({ $0.name < family.name }) ?? true else {
            throw reader.malformed("family twice, or not in order")
        }
        families.append(family)
    }

    private mutating func append(_ sample: Sample, _ reader: LineReader) throws {
        guard let last = families.indices.last, families[last].name == sample.name else {
            throw reader.malformed("sample outside of its family")
        }
        families[last].samples.append(sample)
    }

    /// No series twice, whatever the order of its labels.
    private func checkSeries() throws {
        for family in families {
            var seen: Set<[[UInt8]]> = []
            for sample in family.samples {
                let key = sample.labels.sorted { $0.name < $1.name }
                    .map { Array("\($0.name)=\($0.value)".utf8) }
                guard seen.insert(key).inserted else {
                    throw Malformed(rule: "series twice", line: "\(family.name) \(sample.labels)")
                }
                guard Set(sample.labels.map(\.name)).count == sample.labels.count else {
                    throw Malformed(rule: "label twice", line: "\(family.name) \(sample.labels)")
                }
            }
        }
    }
}
