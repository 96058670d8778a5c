import Owners
import TCPModel

/// The accept queues of listeners, what they dropped, and the connections that came in by them. Sockets
/// that share owner and address (`SO_REUSEPORT`) are one listener.
struct ListenerCollector {
    private struct Row {
        var ref: OwnerRef
        var cookie: UInt64
        /// The number of its place.
        var place: Int
        var queue: AcceptQueue
    }

    /// A listener whose interface is a number, and whose module is one of several with a name.
    private struct Key: Hashable {
        var module: ModuleIndex?
        var place: Int
    }

    private let countsConnections: Bool
    private var rows: [Row] = []
    private var places = ListenerPlaces()
    private var drops = ListenerDrops()
    private var values: [Key: ListenerValues] = [:]

    /// - Parameter countsConnections: Whether the connections that came in by them are counted.
    init(countsConnections: Bool) {
        self.countsConnections = countsConnections
    }

    /// Begins to read the table, or begins again.
    ///
    /// - Parameters:
    ///   - listeners: Those of this scrape; nil when they could not be read.
    ///   - attemptCount: How many connection attempts were dropped in the namespace; the same.
    mutating func begin(_ listeners: [ListeningSocket]?, attemptCount: UInt64?) {
        rows.removeAll(keepingCapacity: true)
        places.removeAll()
        values.removeAll(keepingCapacity: true)
        drops.begin(ListenerDrops.Reading(listeners, attemptCount))
        for listener in listeners ?? [] {
            places.note(listener.local, listener.family, interface: listener.interfaceIndex)
        }
    }

    /// Adds a listener.
    mutating func add(_ row: borrowing TCPConnection, _ ref: OwnerRef) {
        let place = places.note(row.local, row.family, interface: row.interfaceIndex)
        rows.append(
            Row(
                ref: ref, cookie: row.cookie, place: place,
                queue: AcceptQueue(length: row.receiveQueue, limit: row.sendQueue)))
    }

    /// Counts a connection to a listener's port.
    @inline(__always)
    mutating func count(_ row: borrowing TCPConnection) {
        if countsConnections { places.count(row) }
    }

    /// The interfaces that listeners are bound to.
    var interfaces: Set<UInt32> {
        Set(rows.lazy.map { places.places[$0.place].interface }).subtracting([0])
    }
}

// MARK: - Owners

extension ListenerCollector {
    /// The owner of all listeners at a place.
    private enum PlaceOwner {
        case none
        case one(ModuleIndex?)
        case several
    }

    /// Counts by owner.
    mutating func resolve(_ owners: borrowing ResolvedOwners) {
        var placeOwners = [PlaceOwner](repeating: .none, count: places.places.count)
        for (row, droppedCount) in zip(rows, drops.count(rows.map(\.cookie))) {
            var module: ModuleIndex?
            if case .module(let index) = owners.owner(of: row.ref) { module = index }
            values.add(
                ListenerValues(
                    row.queue, droppedCount: droppedCount, process: owners.process(of: row.ref)),
                to: Key(module: module, place: row.place))
            switch placeOwners[row.place] {
            case .none: placeOwners[row.place] = .one(module)
            case .one(let known) where known == module: break
            case .one, .several: placeOwners[row.place] = .several
            }
        }
        addConnections(placeOwners)
    }

    /// Which of several owners' listeners a connection came in by, nothing tells.
    private mutating func addConnections(_ placeOwners: [PlaceOwner]) {
        for (place, owner) in placeOwners.enumerated() where !places.isQuiet(place) {
            let connections = ListenerValues(connections: places.counts[place])
            switch owner {
            case .none: break
            case .one(let module): values.add(connections, to: Key(module: module, place: place))
            case .several: values.add(connections, to: Key(module: nil, place: place))
            }
        }
    }
}

// MARK: - Samples

extension ListenerCollector {
    /// Whether it is known what they dropped.
    var areDropsKnown: Bool { drops.areKnown }

    /// Adds the values by what the labels will say: folded modules can share an address, and so can
    /// listeners of several tables.
    ///
    /// - Parameter interfaces: The names of interfaces by index.
    func add(
        to exposed: inout [Listener: ListenerValues], _ directory: ModuleDirectory,
        interfaces: [UInt32: String]
    ) {
        let modules = directory.exposedModules
        let places = places.places
        exposed.reserveCapacity(values.count)
        for (key, values) in values {
            let place = places[key.place]
            let interface =
                place.interface == 0
                ? "" : interfaces[place.interface] ?? String(place.interface)
            let listener = Listener(
                module: key.module.flatMap { modules[$0] }, family: place.family,
                place: .socket(
                    IPAddress(family: place.family, words: place.address), place.port,
                    interface: interface))
            exposed.add(values, to: listener)
        }
    }
}

extension ListenerDrops.Reading {
    /// Nil when either could not be read.
    fileprivate init?(_ listeners: [ListeningSocket]?, _ attemptCount: UInt64?) {
        guard let listeners, let attemptCount else { return nil }
        let pairs = listeners.lazy.compactMap { socket in
            socket.droppedCount.map { (socket.cookie, $0) }
        }
        self.init(sockets: Dictionary(pairs) { $1 }, attemptCount: attemptCount)
    }
}

extension Dictionary where Value == ListenerValues {
    mutating func add(_ values: ListenerValues, to key: Key) {
        if let index = index(forKey: key) {
            self.values[index] += values
        } else {
            self[key] = values
        }
    }
}
