import Exposition
import OwnerModules

/// Which modules have series of their own, and their labels.
///
/// A host can run any number of modules; an exposition must stay bounded. The largest have series,
/// up to a limit; one that has them keeps them while it lives, so that no two modules change places at
/// the edge; the others are taken together as module and kind `other`.
struct ModuleDirectory {
    struct Exposed {
        let module: OwnerModule
        /// The modules that are counted here: one, or all that are folded.
        var members: [ModuleIndex]
        /// `module` and `kind`.
        let labels: LabelSet
        /// `module`, `kind` and `path`; the folded have none.
        var infoLabels: LabelSet?
        fileprivate var path: String
        fileprivate let birth: UInt64
    }

    private let limit: Int
    private var counts = ModuleCounts(cellCount: 1)
    private var kept: [Exposed] = []
    /// What the last update decided, sorted by module.
    private(set) var exposed: [Exposed] = []
    /// How many living modules have no series of their own.
    private(set) var foldedCount = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func removeAll() {
        counts.removeAll()
    }

    /// Adds connections to their module's size.
    mutating func observe(_ count: UInt64, of module: ModuleIndex) {
        counts.add(count, to: module, cell: 0)
    }

    /// Writes how many modules are folded.
    func write(to exposition: inout TextExposition) {
        exposition.write(Metric.modulesFolded) { $0.append(value: UInt64(foldedCount)) }
    }

    /// Decides anew, after all connections of a scrape were seen.
    mutating func update(_ modules: ModuleTable) {
        let living = modules.living
        let births = Dictionary(uniqueKeysWithValues: living.map { (modules[$0].birth, $0) })
        let remaining = kept.filter { births[$0.birth] != nil }
        let keptBirths = Set(remaining.map(\.birth))
        let others = living.filter { !keptBirths.contains(modules[$0].birth) }
            .sorted { precedes($0, $1, modules) }
        let admitted = others.prefix(max(0, limit - remaining.count))
        if remaining.count != kept.count || !admitted.isEmpty {
            kept = remaining + admitted.map { Exposed($0, modules[$0]) }
            kept.sort { $0.module < $1.module }
        }
        updatePaths(modules)
        let folded = Array(others.dropFirst(admitted.count))
        foldedCount = folded.count
        exposed = kept
        if !folded.isEmpty { insert(Exposed(folded: folded)) }
    }

    /// Larger modules first; the order of names decides between equals.
    private func precedes(_ a: ModuleIndex, _ b: ModuleIndex, _ modules: ModuleTable) -> Bool {
        let (sizeOfA, sizeOfB) = (counts.sum(of: [a], cell: 0), counts.sum(of: [b], cell: 0))
        return sizeOfA == sizeOfB ? modules[a].module < modules[b].module : sizeOfA > sizeOfB
    }

    private mutating func updatePaths(_ modules: ModuleTable) {
        for index in kept.indices {
            let path = modules[kept[index].members[0]].path
            if path != kept[index].path {
                kept[index].path = path
                kept[index].infoLabels = kept[index].labels + LabelSet([("path", path)])
            }
        }
    }

    private mutating func insert(_ other: Exposed) {
        let position = exposed.firstIndex { other.module < $0.module } ?? exposed.endIndex
        exposed.insert(other, at: position)
    }
}

extension ModuleDirectory.Exposed {
    init(_ index: ModuleIndex, _ entry: ModuleTable.Entry) {
        self.init(entry.module, members: [index], path: entry.path, birth: entry.birth)
        infoLabels = labels + LabelSet([("path", entry.path)])
    }

    /// All modules without series of their own.
    init(folded: [ModuleIndex]) {
        let module = OwnerModule(name: "other", kind: .other)
        self.init(module, members: folded, path: "", birth: 0)
    }

    private init(_ module: OwnerModule, members: [ModuleIndex], path: String, birth: UInt64) {
        self.module = module
        self.members = members
        self.path = path
        self.birth = birth
        labels = LabelSet([("module", module.name), ("kind", module.kind.label.description)])
    }
}
