/// Metrics in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
///
/// Families may be written in any order; `assemble` gives them sorted by name, so equal values make
/// equal bytes. Buffers are kept from one exposition to the next: in the steady state a sample costs
/// no allocation. The order of samples within a family is the writer's.
package struct TextExposition: Sendable {
    /// What `Content-Type` says of it.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Section {
        var family: MetricFamily
        var range: Range<Int>
    }

    private var bytes: [UInt8] = []
    private var sections: [Section] = []

    package init() {}

    /// Forgets everything but the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        sections.removeAll(keepingCapacity: true)
    }

    /// Writes a family: its `# HELP` and `# TYPE`, then what `body` adds. A family is written once.
    package mutating func write(
        _ family: MetricFamily, _ body: (inout Samples) -> Void = { _ in }
    ) {
        let start = bytes.count
        bytes.append("# HELP ")
        bytes.append(family.name)
        bytes.append(" ")
        bytes.append(help: family.help)
        bytes.append("\n# TYPE ")
        bytes.append(family.name)
        bytes.append(" ")
        bytes.append(family.kind.label)
        bytes.append("\n")
        var samples = Samples(name: family.name, bytes: bytes)
        bytes = []  // Samples holds the only reference while it appends.
        body(&samples)
        bytes = samples.bytes
        sections.append(Section(family: family, range: start..<bytes.count))
    }

    /// Appends all families, sorted by name, to `output`.
    package mutating func assemble(into output: inout [UInt8]) {
        sections.sort { Self.precedes($0.family.name, $1.family.name) }
        output.reserveCapacity(output.count + bytes.count)
        for section in sections { output.append(contentsOf: bytes[section.range]) }
    }

    private static func precedes(_ a: StaticString, _ b: StaticString) -> Bool {
        a.withUTF8Buffer { a in
            b.withUTF8Buffer { b in unsafe a.lexicographicallyPrecedes(b) }
        }
    }
}

/// Writes the samples of one family.
package struct Samples {
    private let name: StaticString
    fileprivate var bytes: [UInt8]

    fileprivate init(name: StaticString, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A whole number. The two label sets are written one after the other.
    package mutating func append(
        _ labels: LabelSet = .none, _ moreLabels: LabelSet = .none, value: UInt64
    ) {
        appendName(labels, moreLabels)
        bytes.append(decimal: value)
        bytes.append("\n")
    }

    /// A measure that need not be whole.
    package mutating func append(_ labels: LabelSet = .none, measure: Double) {
        appendName(labels, .none)
        bytes.append(measure)
        bytes.append("\n")
    }

    private mutating func appendName(_ labels: LabelSet, _ moreLabels: LabelSet) {
        bytes.append(name)
        if !labels.bytes.isEmpty || !moreLabels.bytes.isEmpty {
            bytes.append("{")
            bytes.append(contentsOf: labels.bytes)
            if !labels.bytes.isEmpty && !moreLabels.bytes.isEmpty { bytes.append(",") }
            bytes.append(contentsOf: moreLabels.bytes)
            bytes.append("}")
        }
        bytes.append(" ")
    }
}
