import Owners
import TCPModel

/// Counts the connections with named peers, by owner and state.
struct PeerCollector {
    private struct RefKey: Hashable {
        var ref: OwnerRef
        var peer: Int
    }

    private struct PendingRow {
        var ref: OwnerRef
        var peer: UInt32
        var state: TCPState
    }

    private let table: PeerTable
    private var counts: [RefKey: StateCounts] = [:]
    private var pending: [PendingRow] = []
    /// By owner, nil where that is unknown, and peer.
    private(set) var resolved: [ModuleIndex?: [Int: StateCounts]] = [:]

    init(_ table: PeerTable) {
        self.table = table
    }

    mutating func removeAll() {
        counts.removeAll(keepingCapacity: true)
        pending.removeAll()
        resolved.removeAll(keepingCapacity: true)
    }

    /// The peer at the connection's other end; nil when it has none that was named.
    func peer(of row: borrowing TCPConnection) -> Int? {
        guard row.remote.port != 0 else { return nil }
        return table.peer(row.remoteAddress, port: row.remote.port)
    }

    /// Counts a connection with a peer.
    mutating func count(_ state: TCPState, _ peer: Int, _ ref: OwnerRef) {
        if case .pending = ref.target {
            pending.append(PendingRow(ref: ref, peer: UInt32(peer), state: state))
        } else {
            counts[RefKey(ref: ref, peer: peer), default: StateCounts(repeating: 0)][state.index] +=
                1
        }
    }

    /// Counts by owner.
    mutating func resolve(_ owners: borrowing ResolvedOwners) {
        for (key, states) in counts { add(states, key.peer, owners.owner(of: key.ref)) }
        for row in pending {
            var states = StateCounts(repeating: 0)
            states[row.state.index] = 1
            add(states, Int(row.peer), owners.owner(of: row.ref))
        }
        counts.removeAll(keepingCapacity: true)
        pending = []
    }

    private mutating func add(_ states: StateCounts, _ peer: Int, _ owner: Owner) {
        var module: ModuleIndex?
        if case .module(let index) = owner { module = index }
        var sums = resolved[module]?[peer] ?? StateCounts(repeating: 0)
        sums.add(states)
        resolved[module, default: [:]][peer] = sums
    }
}
