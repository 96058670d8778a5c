import Exposition
import TCPModel

/// A module in a network namespace, or connections without one.
struct PageModule: Hashable {
    /// The label of the namespace; that of the exporter's own is empty.
    var namespace: String
    /// The name of the module; of connections without one the reason, or nothing.
    var name: String
    /// Empty without a module.
    var kind: String

    init(_ sample: WrittenSample) {
        namespace = sample["netns"]
        name = sample["module"]
        kind = sample["kind"]
    }

    /// Connections without a module.
    init(reason: String, namespace: String) {
        self.namespace = namespace
        name = reason
        kind = ""
    }

    var isAttributed: Bool { !kind.isEmpty }

    /// Those of its series, but for the namespace.
    var labels: LabelSet { LabelSet([("module", name), ("kind", kind)]) }
}

/// Numbers of connections by state, as the page reads them back.
struct PageCounts: Equatable {
    private var values = [Double](repeating: 0, count: TCPState.count)

    subscript(state: TCPState) -> Double { values[state.index] }

    var total: Double { values.reduce(0, +) }

    mutating func add(_ sample: WrittenSample) {
        if let state = Self.states[sample["state"]] { values[state.index] += sample.value }
    }

    static func += (a: inout Self, b: Self) {
        for index in a.values.indices { a.values[index] += b.values[index] }
    }

    private static let states = Dictionary(
        uniqueKeysWithValues: TCPState.allCases.map { ($0.label.description, $0) })
}
