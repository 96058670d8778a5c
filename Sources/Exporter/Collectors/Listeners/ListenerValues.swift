import TCPModel

/// What is counted for one listener in one scrape.
struct ListenerValues {
    /// The fullest queue of all its sockets.
    var queue = AcceptQueue(length: 0, limit: 0)
    /// The process that holds the socket of this queue.
    var process: ProcessID?
    var socketCount: UInt64 = 0
    var fullSocketCount: UInt64 = 0
    /// Packets dropped since the last scrape.
    var droppedCount: UInt64 = 0
    /// Connections that came in by it, by state.
    var connections = StateCounts(repeating: 0)

    /// One socket.
    init(_ queue: AcceptQueue, droppedCount: UInt64, process: ProcessID? = nil) {
        self.queue = queue
        self.process = process
        socketCount = 1
        fullSocketCount = queue.isFull ? 1 : 0
        self.droppedCount = droppedCount
    }

    /// Connections without a socket.
    init(connections: StateCounts) {
        self.connections = connections
    }

    static func += (a: inout ListenerValues, b: ListenerValues) {
        if a.socketCount == 0 || b.socketCount > 0 && AcceptQueue.isLessFull(a.queue, than: b.queue)
        {
            a.queue = b.queue
            a.process = b.process
        }
        a.socketCount += b.socketCount
        a.fullSocketCount += b.fullSocketCount
        a.droppedCount += b.droppedCount
        a.connections.add(b.connections)
    }

    /// How much it matters: full queues first, then those that dropped something, then the busiest.
    ///
    /// The factors keep the three apart, whatever `SeriesPlaces` makes of a weight.
    func weight(_ kind: OwnerModule.Kind?) -> UInt64 {
        var busyness = 1 + UInt64(queue.length)
        for index in connections.indices { busyness += UInt64(connections[index]) }
        let weight = min((kind ?? .process).weight * busyness, Self.weightMax)
        if fullSocketCount > 0 { return weight << 44 }
        return droppedCount > 0 ? weight << 22 : weight
    }

    private static let weightMax: UInt64 = 1 << 18
}
