/// A metric family: what a name means. Its samples are written by whoever measures them.
package struct MetricFamily: Sendable {
    /// The type that `# TYPE` gives (Prometheus' text format 0.0.4).
    package enum Kind: Sendable {
        case gauge
        case counter

        var label: StaticString {
            switch self {
            case .gauge: "gauge"
            case .counter: "counter"
            }
        }
    }

    package let name: StaticString
    package let kind: Kind
    /// A sentence.
    package let help: StaticString
    /// The names of the labels, in the order in which samples write them.
    package let labels: [StaticString]

    package init(
        _ name: StaticString, _ kind: Kind = .gauge, labels: [StaticString] = [],
        help: StaticString
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }
}
