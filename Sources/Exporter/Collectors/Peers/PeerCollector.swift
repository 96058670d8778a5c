import Exposition
import Owners
import TCPModel

/// Counts the connections with named peers, by owner and state.
struct PeerCollector {
    private struct RefKey: Hashable {
        var ref: OwnerRef
        var peer: Int
    }

    private struct Key: Hashable {
        /// Nil when the owner is unknown.
        var module: OwnerModule?
        var peer: Int
    }

    private struct PendingRow {
        var ref: OwnerRef
        var peer: UInt32
        var state: TCPState
    }

    private struct Shown {
        let labels: LabelSet
        var seenStates = SeenStates()
        var states = StateCounts(repeating: 0)
    }

    private let table: PeerTable
    private var counts: [RefKey: StateCounts] = [:]
    private var pending: [PendingRow] = []
    private var resolved: [ModuleIndex?: [Int: StateCounts]] = [:]
    /// Kept while the module has series.
    private var shown: [Key: Shown] = [:]

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

// MARK: - Samples

extension PeerCollector {
    mutating func write(to exposition: inout TextExposition, _ directory: ModuleDirectory) {
        update(directory)
        let sorted = shown.keys.sorted { a, b in
            switch (a.module, b.module) {
            case (nil, .some): true
            case (.some, nil): false
            case (let x?, let y?) where x != y: x < y
            default: a.peer < b.peer
            }
        }
        exposition.write(Metric.peerConnections) { samples in
            for key in sorted {
                guard let shown = shown[key] else { continue }
                samples.append(shown.labels, shown.states, seen: shown.seenStates)
            }
        }
    }

    /// Takes the counts of this scrape, and forgets the modules that have no series.
    private mutating func update(_ directory: ModuleDirectory) {
        let living = Set(directory.exposed.map(\.module))
        shown = shown.filter { $0.key.module.map(living.contains) ?? true }
            .mapValues { Shown(labels: $0.labels, seenStates: $0.seenStates) }
        let modules = directory.exposedModules
        for (module, peers) in resolved {
            for (peer, states) in peers {
                let key = Key(module: module.flatMap { modules[$0] }, peer: peer)
                var entry = shown[key] ?? Shown(labels: labels(key))
                entry.states.add(states)
                entry.seenStates.insert(states)
                shown[key] = entry
            }
        }
    }

    private func labels(_ key: Key) -> LabelSet {
        LabelSet([
            ("module", key.module?.name ?? ""),
            ("kind", key.module?.kind.label.description ?? ""), ("peer", table.names[key.peer]),
        ])
    }
}
