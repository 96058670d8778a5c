import Exposition
import Owners
import TCPModel

/// The accept queues of listeners, by owner and address; sockets that share both (`SO_REUSEPORT`) are
/// summed.
struct ListenerCollector {
    /// Listeners with series of their own. A proxy can open tens of thousands; the ones beyond are
    /// summed, address and port `other`.
    static let listenersMax = 500

    private struct Row {
        var ref: OwnerRef
        var address: IPAddress
        var port: UInt16
        var queue: Queue
    }

    private struct Socket: Hashable {
        /// Nil when the listener's owner is unknown.
        var module: ModuleIndex?
        var address: IPAddress
        var port: UInt16
    }

    private struct Queue {
        var length: UInt64 = 0
        var limit: UInt64 = 0

        static func += (a: inout Queue, b: Queue) {
            a.length += b.length
            a.limit += b.limit
        }
    }

    private var rows: [Row] = []
    private var sockets: [Socket: Queue] = [:]
    /// The listeners that have series, with their labels; kept while they live.
    private var labels: [Listener: LabelSet] = [:]

    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        sockets.removeAll(keepingCapacity: true)
    }

    /// Adds a listener.
    mutating func add(_ row: borrowing TCPConnection, _ ref: OwnerRef) {
        rows.append(
            Row(
                ref: ref, address: row.localAddress, port: row.localPort,
                queue: Queue(length: UInt64(row.receiveQueue), limit: UInt64(row.sendQueue))))
    }

    /// Sums the listeners by owner.
    mutating func resolve(_ owners: borrowing ResolvedOwners) {
        for row in rows {
            var socket = Socket(address: row.address, port: row.port)
            if case .module(let module) = owners.owner(of: row.ref) { socket.module = module }
            sockets[socket, default: Queue()] += row.queue
        }
    }

    mutating func write(to exposition: inout TextExposition, _ directory: ModuleDirectory) {
        let queues = bounded(exposedQueues(directory))
        let sorted = queues.keys.sorted()
        labels = Dictionary(
            uniqueKeysWithValues: sorted.map { ($0, labels[$0] ?? $0.labels) })
        write(Metric.listenerBacklog, to: &exposition, sorted) { queues[$0]?.length ?? 0 }
        write(Metric.listenerBacklogLimit, to: &exposition, sorted) { queues[$0]?.limit ?? 0 }
    }

    private func write(
        _ family: MetricFamily, to exposition: inout TextExposition, _ listeners: [Listener],
        _ value: (Listener) -> UInt64
    ) {
        exposition.write(family) { samples in
            for listener in listeners {
                samples.append(labels[listener] ?? .none, value: value(listener))
            }
        }
    }

    /// The queues by what the labels will say: folded modules can share an address.
    private func exposedQueues(_ directory: ModuleDirectory) -> [Listener: Queue] {
        var owners: [ModuleIndex: OwnerModule] = [:]
        for exposed in directory.exposed {
            for member in exposed.members { owners[member] = exposed.module }
        }
        var queues: [Listener: Queue] = [:]
        for (socket, queue) in sockets {
            let listener = Listener(
                module: socket.module.flatMap { owners[$0] }, family: socket.address.family,
                place: .socket(socket.address, socket.port))
            queues[listener, default: Queue()] += queue
        }
        return queues
    }

    /// Folds what exceeds the limit. Those that have series keep them; then the order decides.
    private func bounded(_ queues: [Listener: Queue]) -> [Listener: Queue] {
        guard queues.count > Self.listenersMax else { return queues }
        let ranked = queues.keys.sorted { a, b in
            let (isAKept, isBKept) = (labels[a] != nil, labels[b] != nil)
            return isAKept == isBKept ? a < b : isAKept
        }
        var result: [Listener: Queue] = [:]
        for (rank, listener) in ranked.enumerated() {
            let place = rank < Self.listenersMax ? listener : .other(listener.family)
            result[place, default: Queue()] += queues[listener] ?? Queue()
        }
        return result
    }
}

/// A listener as its labels name it.
private struct Listener: Hashable {
    enum Place: Hashable {
        case socket(IPAddress, UInt16)
        case other
    }

    var module: OwnerModule?
    var family: AddressFamily
    var place: Place

    /// All listeners of a family beyond the limit.
    static func other(_ family: AddressFamily) -> Listener {
        Listener(module: OwnerModule(name: "other", kind: .other), family: family, place: .other)
    }

    var labels: LabelSet {
        LabelSet([
            ("module", module?.name ?? ""), ("kind", module?.kind.label.description ?? ""),
            ("family", family.label.description), ("address", addressText), ("port", portText),
        ])
    }

    private var addressText: String {
        switch place {
        case .socket(let address, _): address.description
        case .other: "other"
        }
    }

    private var portText: String {
        switch place {
        case .socket(_, let port): String(port)
        case .other: "other"
        }
    }
}

extension Listener: Comparable {
    /// By module, family, port and address; ports as numbers, and `other` after all of them.
    static func < (a: Listener, b: Listener) -> Bool {
        switch (a.module, b.module) {
        case (nil, .some): return true
        case (.some, nil): return false
        case (let x?, let y?) where x != y: return x < y
        default: return a.placeKey < b.placeKey
        }
    }

    private var placeKey: (UInt8, Int, UInt64, UInt64) {
        switch place {
        case .socket(let address, let port):
            (
                family.rawValue, Int(port), UInt64(bigEndian: address.words.0),
                UInt64(bigEndian: address.words.1)
            )
        case .other: (family.rawValue, Int.max, 0, 0)
        }
    }
}
