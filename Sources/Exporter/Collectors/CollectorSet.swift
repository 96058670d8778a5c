import Owners
import TCPModel

/// The collectors of one table, all fed by one pass over it.
struct CollectorSet {
    /// The collectors that are enabled.
    let names: Set<CollectorName>
    /// Which rows need an owner.
    private let ownerDemand: OwnerDemand

    private(set) var state: StateCollector?
    private(set) var offload: OffloadCollector?
    private(set) var ephemeralPort: EphemeralPortCollector?
    private(set) var listener: ListenerCollector?
    private(set) var peer: PeerCollector?
    /// The ports of listeners: connections to them came in.
    private var listenerPorts = PortSet()
    /// What was counted while the table was read, and by module once owners are known.
    private var owners = OwnerCounts()
    private var attempts = AttemptPorts()
    private(set) var counts = ModuleCounts()

    init(_ options: ScraperOptions) {
        names = options.collectors
        ownerDemand = OwnerDemand(names)
        state = names.contains(.state) ? StateCollector() : nil
        offload = names.contains(.offload) ? OffloadCollector() : nil
        ephemeralPort = names.contains(.ephemeralPort) ? EphemeralPortCollector() : nil
        listener =
            names.contains(.listener)
            ? ListenerCollector(countsConnections: options.countsListenerConnections) : nil
        peer = names.contains(.peer) ? PeerCollector(options.peers) : nil
    }

    /// Whether any of them wants to know the listeners before the table is read.
    var needsListeners: Bool { listener != nil || ephemeralPort != nil }

    /// Begins to read the table, or begins again.
    mutating func begin(_ surroundings: TableSurroundings = TableSurroundings()) {
        state?.removeAll()
        offload?.removeAll()
        ephemeralPort?.begin(surroundings.ephemeralPorts)
        listener?.begin(surroundings.listeners, attemptCount: surroundings.listenDropCount)
        peer?.removeAll()
        listenerPorts.removeAll()
        for listener in surroundings.listeners ?? [] { listenerPorts.insert(listener.local.port) }
        endScrape()
        counts = ModuleCounts()
    }

    /// Counts rows, and looks up the owners of those that need one.
    mutating func count(_ rows: [TCPConnection], _ lookup: inout OwnerLookup) {
        for index in rows.indices {
            state?.count(rows[index])
            offload?.count(rows[index])
            countPorts(rows[index])
            let peer = peer?.peer(of: rows[index])
            if peer != nil || ownerDemand.contains(rows[index]) {
                countOwner(rows[index], lookup.lookUp(rows[index]), peer)
            } else if ownerDemand.isAny, rows[index].isListener {
                lookup.note(listener: rows[index])
            }
        }
    }

    /// A connection either came in by a listener, or has a port of its own.
    @inline(__always)
    private mutating func countPorts(_ row: borrowing TCPConnection) {
        if row.isListener {
            listenerPorts.insert(row.local.port)
            ephemeralPort?.count(row)
        } else if listenerPorts.contains(row.local.port) {
            listener?.count(row)
        } else {
            ephemeralPort?.count(row)
        }
    }

    @inline(__always)
    private mutating func countOwner(
        _ row: borrowing TCPConnection, _ ref: OwnerRef, _ peer: Int?
    ) {
        owners.count(row, ref)
        attempts.count(row, ref)
        if row.isListener { listener?.add(row, ref) }
        if let peer { self.peer?.count(row.state, peer, ref) }
    }

    /// The interfaces whose names are needed.
    var interfaces: Set<UInt32> { listener?.interfaces ?? [] }

    /// Turns counts by reference into counts by module.
    mutating func resolve(_ resolved: borrowing ResolvedOwners) {
        counts = owners.folded(resolved)
        listener?.resolve(resolved)
        peer?.resolve(resolved)
    }

    /// Adds the connections of suspect modules by process.
    func add(to tally: inout SuspectTally, _ resolved: borrowing ResolvedOwners) {
        owners.add(to: &tally, resolved)
        attempts.add(to: &tally, resolved)
    }

    /// Forgets what was counted by reference: references are good for one scrape.
    mutating func endScrape() {
        owners.removeAll()
        attempts.removeAll()
    }
}

/// What is read of a network namespace before its table; nil is what could not be read, or nobody wants to
/// know.
struct TableSurroundings {
    var listeners: [ListeningSocket]?
    /// Connection attempts that listeners dropped.
    var listenDropCount: UInt64?
    /// The ports that the kernel takes ephemeral ports from.
    var ephemeralPorts: PortSet?
}
