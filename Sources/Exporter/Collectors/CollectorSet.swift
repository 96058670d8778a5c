import Exposition
import Owners
import TCPModel

/// The collectors of one table, all fed by one pass over it.
struct CollectorSet {
    /// The collectors that are enabled.
    let names: Set<CollectorName>
    /// Which rows need an owner.
    let ownerDemand: OwnerDemand

    private var state: StateCollector?
    private var offload: OffloadCollector?
    private var ephemeralPort: EphemeralPortCollector?
    private var module: ModuleCollector?
    private var queue: QueueCollector?
    private var listener: ListenerCollector?
    /// What was counted while the table was read, and by module once owners are known.
    private var owners = OwnerCounts()
    private(set) var counts = ModuleCounts()
    /// The modules that have, or have had, connections in this table.
    private var present: Set<OwnerModule> = []

    init(_ names: Set<CollectorName>) {
        self.names = names
        ownerDemand = OwnerDemand(names)
        state = names.contains(.state) ? StateCollector() : nil
        offload = names.contains(.offload) ? OffloadCollector() : nil
        ephemeralPort = names.contains(.ephemeralPort) ? EphemeralPortCollector() : nil
        module = names.contains(.module) ? ModuleCollector() : nil
        queue = names.contains(.queue) ? QueueCollector() : nil
        listener = names.contains(.listener) ? ListenerCollector() : nil
    }

    mutating func removeAll() {
        state?.removeAll()
        offload?.removeAll()
        ephemeralPort?.removeAll()
        listener?.removeAll()
        owners.removeAll()
        counts = ModuleCounts()
    }

    /// Counts rows, and looks up the owners of those that need one.
    mutating func count(_ rows: [TCPConnection], _ lookup: inout OwnerLookup) {
        for index in rows.indices {
            state?.count(rows[index])
            offload?.count(rows[index])
            ephemeralPort?.count(rows[index])
            if ownerDemand.contains(rows[index]) {
                let ref = lookup.lookUp(rows[index])
                owners.count(rows[index], ref)
                if rows[index].isListener { listener?.add(rows[index], ref) }
            } else if ownerDemand.isAny, rows[index].isListener {
                lookup.note(listener: rows[index])
            }
        }
    }

    /// Turns counts by reference into counts by module.
    mutating func resolve(_ resolved: borrowing ResolvedOwners) {
        counts = owners.folded(resolved)
        owners.removeAll()
        listener?.resolve(resolved)
    }

    /// Writes every family of the table except those of ephemeral ports.
    ///
    /// - Parameter isOffloadKnown: Without it no offload state is written, because `in_host` would be a
    ///   guess.
    mutating func write(
        to exposition: inout TextExposition, _ directory: ModuleDirectory, isOffloadKnown: Bool
    ) {
        let modules = presentModules(directory)
        exposition.part(CollectorName.state.part) { state?.write(to: &$0) }
        if isOffloadKnown {
            exposition.part(CollectorName.offload.part) {
                offload?.write(to: &$0, modules, countsEveryConnection: module != nil)
            }
        }
        exposition.part(CollectorName.module.part) { module?.write(to: &$0, modules, counts) }
        exposition.part(CollectorName.queue.part) { queue?.write(to: &$0, modules) }
        exposition.part(CollectorName.listener.part) { listener?.write(to: &$0, directory) }
    }

    /// Writes the families of ephemeral ports, whose range comes from elsewhere.
    func write(to exposition: inout TextExposition, ephemeralPorts range: ClosedRange<UInt16>) {
        exposition.part(CollectorName.ephemeralPort.part) {
            ephemeralPort?.write(to: &$0, range: range)
        }
    }

    private mutating func presentModules(
        _ directory: ModuleDirectory
    ) -> [ModuleDirectory.Counted] {
        let counted = directory.exposed.map {
            ModuleDirectory.Counted(exposed: $0, cells: counts.sum(of: $0.members))
        }
        let modules = counted.filter {
            $0.cells.count > 0 || present.contains($0.exposed.module)
        }
        present = Set(modules.map(\.exposed.module))
        return modules
    }
}
