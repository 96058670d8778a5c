import Exposition
import TCPModel

/// Sockets by TCP state, each at its state's index.
typealias StateCounts = InlineArray<11, UInt32>

extension InlineArray where Element == UInt32 {
    mutating func add(_ other: Self) {
        for index in indices { self[index] += other[index] }
    }
}

/// The TCP states in which something was ever counted: they keep their series, at 0.
struct SeenStates {
    /// A bit for each.
    private var bits: UInt16 = 0

    mutating func insert(_ counts: StateCounts) {
        for index in counts.indices where counts[index] > 0 { bits |= 1 << index }
    }

    func contains(_ state: TCPState) -> Bool { bits & 1 << state.index != 0 }
}

extension Samples {
    /// Appends a sample for each state that was ever seen.
    mutating func append(_ labels: LabelSet, _ counts: StateCounts, seen: SeenStates) {
        for state in Labels.sortedStates where seen.contains(state) {
            append(labels, Labels.states[state.index], value: UInt64(counts[state.index]))
        }
    }
}
