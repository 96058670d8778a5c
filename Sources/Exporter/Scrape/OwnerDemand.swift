import TCPModel

/// Whose owners the collectors want to know. Without the module collector these are few, however
/// large the table: listeners, connections with bytes in their queues, those on a device, and those
/// with named peers.
struct OwnerDemand {
    /// Whether any collector wants any owner. Listeners are then to be known, for others' sake.
    let isAny: Bool

    private let isEvery: Bool
    private let isListeners: Bool
    private let isQueues: Bool
    private let isOffloaded: Bool

    init(_ collectors: Set<CollectorName>) {
        isEvery = collectors.contains(.module)
        isListeners = collectors.contains(.listener)
        isQueues = collectors.contains(.queue)
        isOffloaded = collectors.contains(.offload)
        isAny = isEvery || isListeners || isQueues || isOffloaded || collectors.contains(.peer)
    }

    /// Whether the connection's owner is wanted for its own sake.
    @inline(__always)
    func contains(_ connection: borrowing TCPConnection) -> Bool {
        if isEvery { return true }
        if connection.isListener { return isListeners }
        if isQueues, connection.receiveQueue | connection.sendQueue != 0 { return true }
        guard isOffloaded, connection.tls != nil else { return false }
        return connection.offloadState != .inHost
    }
}
