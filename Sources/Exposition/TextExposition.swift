import ByteText

/// Metrics in a text format of Prometheus.
///
/// Samples are spelled alike in all of them, so they are written once, and `assemble` gives them
/// in the format that is wanted, several times if need be.
///
/// Families may be written in any order; `assemble` gives them sorted by name, so equal values make
/// equal bytes. Buffers are kept from one exposition to the next: in the steady state a sample costs
/// no allocation. The order of samples within a family is the writer's.
package struct TextExposition: Sendable {
    /// More than most families' `# HELP`, `# TYPE` and `# UNIT` take together.
    private static let headerByteCount = 320

    private struct Section {
        var family: MetricFamily
        var range: Range<Int>
        var part: ExpositionParts?
    }

    /// Labels that all samples begin with.
    private var constantLabels = LabelSet.none
    /// The part that samples belong to; nil belongs to all of them.
    private var part: ExpositionParts?
    private var bytes: [UInt8] = []
    private var sections: [Section] = []

    package init() {}

    /// Forgets everything but the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        sections.removeAll(keepingCapacity: true)
    }

    /// Writes whatever the closure writes as one part, which `assemble` can leave out.
    package mutating func part(_ part: ExpositionParts, _ body: (inout Self) -> Void) {
        self.part = part
        body(&self)
        self.part = nil
    }

    /// Writes whatever the closure writes with labels before its own.
    package mutating func labeled(_ labels: LabelSet, _ body: (inout Self) -> Void) {
        constantLabels = labels
        body(&self)
        constantLabels = .none
    }

    /// Writes samples of a family. A family may be written several times, each time with other
    /// constant labels or another part; its `# HELP` and `# TYPE` come once, and before all of its samples.
    package mutating func write(
        _ family: MetricFamily, _ body: (inout Samples) -> Void = { _ in }
    ) {
        let start = bytes.count
        var samples = Samples(name: family.name, constantLabels: constantLabels, bytes: bytes)
        bytes = []  // Samples holds the only reference while it appends.
        body(&samples)
        bytes = samples.bytes
        sections.append(Section(family: family, range: start..<bytes.count, part: part))
    }

    /// Appends the families, sorted by name, to `output`, as one whole exposition.
    ///
    /// - Parameter parts: Of what was written as one part, only these are given.
    package mutating func assemble(
        into output: inout [UInt8], as format: ExpositionFormat = .text,
        of parts: ExpositionParts = .all
    ) {
        sortFamilies()
        output.reserveCapacity(output.count + bytes.count + sections.count * Self.headerByteCount)
        var last: MetricFamily?
        for section in sections where section.part?.isSubset(of: parts) ?? true {
            if last.map({ Self.precedes($0.name, section.family.name) }) ?? true {
                output.append(header: section.family, as: format)
            }
            output.append(contentsOf: bytes[section.range])
            last = section.family
        }
        if format == .openMetrics { output.append("# EOF\n") }
    }

    /// What was written of a family, each time.
    func bytesWritten(of family: MetricFamily) -> [ArraySlice<UInt8>] {
        sections.filter { $0.family.name.description == family.name.description }
            .map { bytes[$0.range] }
    }

    private mutating func sortFamilies() {
        sections.sort { a, b in
            if Self.precedes(a.family.name, b.family.name) { return true }
            if Self.precedes(b.family.name, a.family.name) { return false }
            return a.range.lowerBound < b.range.lowerBound
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
