import Exposition
import TCPModel

/// Counts connections by family and state.
struct StateCollector {
    /// A cell for each family and state.
    private var counts = InlineArray<22, UInt64>(repeating: 0)

    mutating func removeAll() {
        for index in counts.indices { counts[index] = 0 }
    }

    @inline(__always)
    mutating func count(_ connection: borrowing TCPConnection) {
        counts[Self.cell(connection.family, connection.state)] += 1
    }

    func write(to exposition: inout TextExposition) {
        exposition.write(Metric.connections) { samples in
            for family in AddressFamily.allCases {
                for state in Labels.sortedStates {
                    samples.append(
                        Labels.families[family.index], Labels.states[state.index],
                        value: counts[Self.cell(family, state)])
                }
            }
        }
    }

    /// How many there are in all.
    var total: UInt64 {
        var total: UInt64 = 0
        for index in counts.indices { total += counts[index] }
        return total
    }

    static func += (a: inout Self, b: Self) {
        for index in a.counts.indices { a.counts[index] += b.counts[index] }
    }

    private static func cell(_ family: AddressFamily, _ state: TCPState) -> Int {
        family.index * TCPState.count + state.index
    }
}
