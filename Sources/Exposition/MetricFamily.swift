/// A metric family: what a name means. Its samples are written by whoever measures them.
package struct MetricFamily: Sendable {
    /// The type that `# TYPE` gives.
    package enum Kind: Sendable {
        case gauge
        case counter

        var label: StaticString {
            switch self {
            case .gauge: "gauge"
            case .counter: "counter"
            }
        }

        /// What samples have at the end of their names, and the family in OpenMetrics has not.
        var suffix: StaticString {
            switch self {
            case .gauge: ""
            case .counter: "_total"
            }
        }
    }

    /// The name that samples have.
    package let name: StaticString
    package let kind: Kind
    /// A sentence.
    package let help: StaticString
    /// The names of the labels, in the order in which samples write them.
    package let labels: [StaticString]
    /// The base unit that the name ends with, but for a counter's `_total`; nil for what is counted.
    package let unit: StaticString?

    /// Traps on a counter whose name does not end in `_total`, and on another family whose does:
    /// OpenMetrics could not tell them apart. Names are from our own code.
    package init(
        _ name: StaticString, _ kind: Kind = .gauge, labels: [StaticString] = [],
        help: StaticString
    ) {
        let total = Kind.counter.suffix
        precondition(
            name.hasSuffix(total, before: 0) == (kind == .counter), "a counter ends in _total")
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        unit = Self.units.first { unit in
            name.hasSuffix(unit, before: kind.suffix.utf8CodeUnitCount, after: "_")
        }
    }

    /// Prometheus' base units (https://prometheus.io/docs/practices/naming/#base-units).
    private static let units: [StaticString] = [
        "seconds", "celsius", "meters", "bytes", "ratio", "volts", "amperes", "joules", "grams",
    ]
}

extension StaticString {
    /// Whether `separator` and `suffix` end the text, but for the last `byteCount` bytes of it.
    fileprivate func hasSuffix(
        _ suffix: StaticString, before byteCount: Int, after separator: StaticString = ""
    ) -> Bool {
        description.utf8.dropLast(byteCount).reversed()
            .starts(with: "\(separator)\(suffix)".utf8.reversed())
    }
}
