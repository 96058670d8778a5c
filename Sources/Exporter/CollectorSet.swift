import Exposition
import OwnerModules
import TCPTable

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
    private var directory: ModuleDirectory

    init(_ names: Set<CollectorName>, moduleLimit: Int) {
        self.names = names
        ownerDemand = OwnerDemand(names)
        state = names.contains(.state) ? StateCollector() : nil
        offload = names.contains(.offload) ? OffloadCollector() : nil
        ephemeralPort = names.contains(.ephemeralPort) ? EphemeralPortCollector() : nil
        module = names.contains(.module) ? ModuleCollector() : nil
        queue = names.contains(.queue) ? QueueCollector() : nil
        listener = names.contains(.listener) ? ListenerCollector() : nil
        directory = ModuleDirectory(limit: moduleLimit)
    }

    mutating func removeAll() {
        state?.removeAll()
        offload?.removeAll()
        ephemeralPort?.removeAll()
        module?.removeAll()
        queue?.removeAll()
        listener?.removeAll()
        directory.removeAll()
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
        directory.observe(tally, of: owner)
    }

    /// Takes in a listener whose owner was wanted, and which was counted with the connections.
    mutating func observe(_ attributed: AttributedListener) {
        listener?.observe(attributed)
    }

    /// Writes every family of the table but those of ephemeral ports.
    mutating func write(to exposition: inout TextExposition, _ modules: ModuleTable) {
        directory.update(modules)
        state?.write(to: &exposition)
        offload?.write(
            to: &exposition, modules: directory, countsEveryConnection: module != nil)
        module?.write(to: &exposition, modules: directory)
        queue?.write(to: &exposition, modules: directory)
        listener?.write(to: &exposition, modules: directory)
    }

    /// Writes the families of ephemeral ports, of which the range comes from elsewhere.
    func write(to exposition: inout TextExposition, ephemeralPorts range: ClosedRange<UInt16>) {
        ephemeralPort?.write(to: &exposition, range: range)
    }
}
