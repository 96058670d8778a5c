import Exposition
import Owners
import TCPModel

/// The series of connections with named peers: kept while the module has series.
struct PeerSeries {
    private struct Key: Hashable {
        /// Nil when the owner is unknown.
        var module: OwnerModule?
        var peer: Int
    }

    private struct Shown {
        let labels: LabelSet
        var seenStates = SeenStates()
        var states = StateCounts(repeating: 0)
    }

    private let table: PeerTable
    private var shown: [Key: Shown] = [:]

    init(_ table: PeerTable) {
        self.table = table
    }

    /// Writes the sums over some tables.
    mutating func write(
        _ collectors: [PeerCollector], to exposition: inout TextExposition,
        _ directory: ModuleDirectory
    ) {
        update(collectors, directory)
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
    private mutating func update(_ collectors: [PeerCollector], _ directory: ModuleDirectory) {
        let living = Set(directory.exposed.map(\.module))
        shown = shown.filter { $0.key.module.map(living.contains) ?? true }
            .mapValues { Shown(labels: $0.labels, seenStates: $0.seenStates) }
        let modules = directory.exposedModules
        for (module, peers) in collectors.lazy.flatMap(\.resolved) {
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
