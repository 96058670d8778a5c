import Exposition
import OwnerModules
import TCPTable

/// The collectors that are switched on, fed together by one pass over the table.
struct CollectorSet {
    /// Which collectors are on.
    let names: Set<CollectorName>

    private var state: StateCollector?
    private var offload: OffloadCollector?
    private var ephemeralPort: EphemeralPortCollector?
    private var module: ModuleCollector?
    private var queue: QueueCollector?
    private var listener: ListenerCollector?
    private var directory: ModuleDirectory

    init(_ names: Set<CollectorName>, moduleLimit: Int) {
        self.names = names
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

    /// Whether a collector wants to know whose the connection is. Without the module collector these
    /// are few, however large the table: listeners, connections with bytes in their queues, and those
    /// on a device.
    @inline(__always)
    func wantsOwner(of connection: borrowing TCPConnection) -> Bool {
        if module != nil { return true }
        if connection.state == .listen { return wantsAnyOwner }
        if queue != nil, connection.receiveQueue | connection.sendQueue != 0 { return true }
        return offload == nil ? false : connection.isOffloaded
    }

    private var wantsAnyOwner: Bool { listener != nil || queue != nil || offload != nil }

    /// Takes in a connection whose owner was wanted.
    mutating func observe(_ connection: borrowing AttributedConnection) {
        module?.observe(connection)
        offload?.observe(connection)
        queue?.observe(connection)
        listener?.observe(connection)
        directory.observe(connection)
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

extension TCPConnection {
    /// Whether any direction is on a device; cheap for all those without kernel TLS.
    fileprivate var isOffloaded: Bool { tls != nil && offloadState != .inHost }
}
