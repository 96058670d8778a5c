import ByteText

/// Metrics in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
///
/// Families may be written in any order; `assemble` gives them sorted by name, so equal values make
/// equal bytes. Buffers are kept from one exposition to the next: in the steady state a sample costs
/// no allocation. The order of samples within a family is the writer's.
package struct TextExposition: Sendable {
    /// What `Content-Type` says of it.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// More than most families' `# HELP` and `# TYPE` take together.
    private static let headerByteCount = 320

    private struct Section {
        var family: MetricFamily
        var range: Range<Int>
    }

    /// Labels that all samples written from now on begin with.
    package var constantLabels = LabelSet.none

    private var bytes: [UInt8] = []
    private var sections: [Section] = []

    package init() {}

    /// Forgets everything but the memory.
    package mutating func removeAll() {
        constantLabels = .none
        bytes.removeAll(keepingCapacity: true)
        sections.removeAll(keepingCapacity: true)
    }

    /// Writes samples of a family. A family may be written several times, each time with other
    /// constant labels; its `# HELP` and `# TYPE` come once, and before all of its samples.
    package mutating func write(
        _ family: MetricFamily, _ body: (inout Samples) -> Void = { _ in }
    ) {
        let start = bytes.count
        var samples = Samples(name: family.name, constantLabels: constantLabels, bytes: bytes)
        bytes = []  // Samples holds the only reference while it appends.
        body(&samples)
        bytes = samples.bytes
        sections.append(Section(family: family, range: start..<bytes.count))
    }

    /// Appends all families, sorted by name, to `output`.
    package mutating func assemble(into output: inout [UInt8]) {
        sections.sort { a, b in
            if Self.precedes(a.family.name, b.family.name) { return true }
            if Self.precedes(b.family.name, a.family.name) { return false }
            return a.range.lowerBound < b.range.lowerBound
        }
        output.reserveCapacity(output.count + bytes.count + sections.count * Self.headerByteCount)
        var last: MetricFamily?
        for section in sections {
            if last.map({ Self.precedes($0.name, section.family.name) }) ?? true {
                output.append(header: section.family)
            }
            output.append(contentsOf: bytes[section.range])
            last = section.family
        }
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
    private let constantLabels: LabelSet
    fileprivate var bytes: [UInt8]

    fileprivate init(name: StaticString, constantLabels: LabelSet, bytes: [UInt8]) {
        self.name = name
        self.constantLabels = constantLabels
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
        let start = bytes.count
        append(constantLabels, after: start)
        append(labels, after: start)
        append(moreLabels, after: start)
        bytes.append(bytes.count == start ? " " : "} ")
    }

    /// The first label opens the braces.
    private mutating func append(_ labels: LabelSet, after start: Int) {
        guard !labels.bytes.isEmpty else { return }
        bytes.append(bytes.count == start ? "{" : ",")
        bytes.append(contentsOf: labels.bytes)
    }
}

extension [UInt8] {
    fileprivate mutating func append(header family: MetricFamily) {
        append("# HELP ")
        append(family.name)
        append(" ")
        append(help: family.help)
        append("\n# TYPE ")
        append(family.name)
        append(" ")
        append(family.kind.label)
        append("\n")
    }
}
