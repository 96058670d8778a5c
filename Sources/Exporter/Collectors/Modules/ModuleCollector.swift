import Exposition
import TCPModel

/// Writes connections by owner module and state, and those without an owner by reason.
struct ModuleCollector {
    /// Of each module, while it lives.
    private var seenStates: [OwnerModule: SeenStates] = [:]

    mutating func write(
        to exposition: inout TextExposition, _ modules: [ModuleDirectory.Counted],
        _ counts: ModuleCounts
    ) {
        keepStates(modules)
        writeConnections(to: &exposition, modules)
        exposition.write(Metric.moduleInfo) { samples in
            for module in modules {
                if let labels = module.exposed.infoLabels { samples.append(labels, value: 1) }
            }
        }
        exposition.write(Metric.unattributedConnections) { samples in
            for reason in Labels.sortedReasons {
                let cells = counts[reason]
                for state in Labels.sortedStates {
                    samples.append(
                        Labels.reasons[reason.index], Labels.states[state.index],
                        value: UInt64(cells.states[state.index]))
                }
            }
        }
    }

    /// Adds the states of this scrape to those seen, and forgets the modules that are gone.
    private mutating func keepStates(_ modules: [ModuleDirectory.Counted]) {
        var states: [OwnerModule: SeenStates] = [:]
        states.reserveCapacity(modules.count)
        for module in modules {
            var seen = seenStates[module.exposed.module] ?? SeenStates()
            seen.insert(module.cells.states)
            states[module.exposed.module] = seen
        }
        seenStates = states
    }

    private func writeConnections(
        to exposition: inout TextExposition, _ modules: [ModuleDirectory.Counted]
    ) {
        exposition.write(Metric.moduleConnections) { samples in
            for module in modules {
                let seen = seenStates[module.exposed.module] ?? SeenStates()
                samples.append(module.labels, module.cells.states, seen: seen)
            }
        }
    }
}
