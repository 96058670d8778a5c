import Exposition
import OwnerModules
import TCPConnections

/// Counts connections by owner module and state, and those without an owner by the reason.
struct ModuleCollector {
    private static let reasonCellCount = UnattributedReason.count * TCPState.count

    private var modules = ModuleCounts(cellCount: TCPState.count)
    private var unattributed = [UInt64](repeating: 0, count: reasonCellCount)
    /// The states in which a module was ever seen, a bit each: it keeps their series while it lives.
    private var seenStates: [OwnerModule: UInt16] = [:]

    mutating func removeAll() {
        modules.removeAll()
        for index in unattributed.indices { unattributed[index] = 0 }
    }

    mutating func observe(_ tally: ConnectionTally, _ attribution: Attribution) {
        switch attribution {
        case .module(let module):
            modules.add(tally.count, to: module, cell: tally.state.index)
        case .unattributed(let reason):
            unattributed[Self.cell(reason, tally.state)] += tally.count
        }
    }

    mutating func write(
        to exposition: inout TextExposition, modules exposed: [ModuleDirectory.Exposed]
    ) {
        keepStates(exposed)
        writeConnections(to: &exposition, exposed)
        exposition.write(Metric.moduleInfo) { samples in
            for module in exposed {
                if let labels = module.infoLabels { samples.append(labels, value: 1) }
            }
        }
        exposition.write(Metric.unattributedConnections) { samples in
            for reason in Labels.sortedReasons {
                for state in Labels.sortedStates {
                    samples.append(
                        Labels.reasons[reason.index], Labels.states[state.index],
                        value: unattributed[Self.cell(reason, state)])
                }
            }
        }
    }

    /// Adds the states of this scrape to those seen, and forgets the modules that are gone.
    private mutating func keepStates(_ exposed: [ModuleDirectory.Exposed]) {
        var states: [OwnerModule: UInt16] = [:]
        states.reserveCapacity(exposed.count)
        for exposed in exposed {
            var seen = seenStates[exposed.module] ?? 0
            for state in TCPState.allCases
            where modules.sum(of: exposed.members, cell: state.index) > 0 {
                seen |= 1 << state.index
            }
            states[exposed.module] = seen
        }
        seenStates = states
    }

    private func writeConnections(
        to exposition: inout TextExposition, _ exposed: [ModuleDirectory.Exposed]
    ) {
        exposition.write(Metric.moduleConnections) { samples in
            for exposed in exposed {
                let seen = seenStates[exposed.module] ?? 0
                for state in Labels.sortedStates where seen & (1 << state.index) != 0 {
                    samples.append(
                        exposed.labels, Labels.states[state.index],
                        value: modules.sum(of: exposed.members, cell: state.index))
                }
            }
        }
    }

    private static func cell(_ reason: UnattributedReason, _ state: TCPState) -> Int {
        reason.index * TCPState.count + state.index
    }
}
