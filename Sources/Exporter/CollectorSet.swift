import Exposition
import OwnerModules
import TCPConnections

/// The collectors that are switched on, fed together by one pass over the table.
struct CollectorSet {
    /// Which collectors are on.
    let names: Set<CollectorName>
    /// Whose owners are wanted; asked for each row.
    let ownerDemand: OwnerDemand

    private var state: StateCollector?
    private var offload: OffloadCollector?
    private var ephemeralPort: EphemeralPortCollector?
    private var module: ModuleCollector?
    private var queue: QueueCollector?
    private var listener: ListenerCollector?
    /// How many connections each module has in this table, and which modules have had any.
    private var counts = ModuleCounts(cellCount: 1)
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
        module?.removeAll()
        queue?.removeAll()
        listener?.removeAll()
        counts.removeAll()
    }

    /// Takes in a row as it comes from the kernel.
    @inline(__always)
    mutating func observe(_ connection: borrowing TCPConnection) {
        state?.observe(connection)
        offload?.observe(connection)
        ephemeralPort?.observe(connection)
    }

    /// Takes in connections whose owner was wanted.
    mutating func observe(_ tally: ConnectionTally, _ attribution: Attribution) {
        module?.observe(tally, attribution)
        guard case .module(let owner) = attribution else { return }
        offload?.observe(tally, of: owner)
        queue?.observe(tally, of: owner)
        counts.add(tally.count, to: owner, cell: 0)
    }

    /// Takes in a listener whose owner was wanted, and which was counted with the connections.
    mutating func observe(_ attributed: AttributedListener) {
        listener?.observe(attributed)
    }

    /// Adds the table's connections to those by which modules are ranked.
    func rank(in directory: inout ModuleDirectory, _ modules: ModuleTable) {
        for module in modules.living {
            directory.observe(counts.sum(of: [module], cell: 0), of: module)
        }
    }

    /// Writes every family of the table but those of ephemeral ports.
    ///
    /// - Parameter isOffloadKnown: Without it nothing is said of offload states, for `in_host` would
    ///   be a guess.
    mutating func write(
        to exposition: inout TextExposition, modules directory: ModuleDirectory,
        isOffloadKnown: Bool
    ) {
        let exposed = presentModules(directory)
        defer { exposition.part = nil }
        exposition.part = CollectorName.state.part
        state?.write(to: &exposition)
        exposition.part = CollectorName.offload.part
        if isOffloadKnown {
            offload?.write(to: &exposition, modules: exposed, countsEveryConnection: module != nil)
        }
        exposition.part = CollectorName.module.part
        module?.write(to: &exposition, modules: exposed)
        exposition.part = CollectorName.queue.part
        queue?.write(to: &exposition, modules: exposed)
        exposition.part = CollectorName.listener.part
        listener?.write(to: &exposition, modules: directory)
    }

    /// Writes the families of ephemeral ports, of which the range comes from elsewhere.
    func write(to exposition: inout TextExposition, ephemeralPorts range: ClosedRange<UInt16>) {
        exposition.part = CollectorName.ephemeralPort.part
        defer { exposition.part = nil }
        ephemeralPort?.write(to: &exposition, range: range)
    }

    /// The living modules that have, or have had, connections in this table.
    private mutating func presentModules(
        _ directory: ModuleDirectory
    ) -> [ModuleDirectory.Exposed] {
        let exposed = directory.exposed.filter {
            present.contains($0.module) || counts.sum(of: $0.members, cell: 0) > 0
        }
        present = Set(exposed.map(\.module))
        return exposed
    }
}
