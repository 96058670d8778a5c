import ByteText

extension [UInt8] {
    /// Appends what stands before a family's samples: `# HELP`, `# TYPE`, and `# UNIT` where the
    /// format has it and the name tells one.
    mutating func append(header family: MetricFamily, as format: ExpositionFormat) {
        // "Counter" names the samples in the text format, and the family in OpenMetrics.
        let suffix = format == .openMetrics ? family.kind.suffix : ""
        append("# HELP ")
        append(family.name, droppingLast: suffix.utf8CodeUnitCount)
        append(" ")
        append(help: family.help, as: format)
        append("\n# TYPE ")
        append(family.name, droppingLast: suffix.utf8CodeUnitCount)
        append(" ")
        append(family.kind.label)
        append("\n")
        guard format == .openMetrics, let unit = family.unit else { return }
        append("# UNIT ")
        append(family.name, droppingLast: suffix.utf8CodeUnitCount)
        append(" ")
        append(unit)
        append("\n")
    }

    private mutating func append(_ text: StaticString, droppingLast byteCount: Int) {
        text.withUTF8Buffer { unsafe append(contentsOf: $0.dropLast(byteCount)) }
    }
}
