import Exposition
import Owners
import TCPModel

/// Which modules have series of their own, and their labels.
///
/// A host can run any number of modules; an exposition must stay bounded. The largest have series, up to
/// a limit; the others, and those that were not chosen, are summed as module and kind `other`. Modules with
/// one name are one.
struct ModuleDirectory {
    /// A module that has series.
    struct Exposed {
        let module: OwnerModule
        /// The identities that are counted here: all that have this name, or all that are folded.
        fileprivate(set) var members: [ModuleIndex]
        /// `module` and `kind`.
        let labels: LabelSet
        /// `module`, `kind`, `path` and Kubernetes' names; the folded have none.
        fileprivate(set) var infoLabels: LabelSet?
        fileprivate var path = ""
    }

    /// A module with its counts in one table.
    struct Counted {
        let exposed: Exposed
        let cells: OwnerCells

        var labels: LabelSet { exposed.labels }
    }

    private let pathByteCountMax: Int
    private var places: SeriesPlaces<OwnerModule>
    private var choice: ModuleChoice
    private var kept: [OwnerModule: Exposed] = [:]
    /// What the last update decided, sorted by module.
    private(set) var exposed: [Exposed] = []
    /// How many modules have no series of their own for the limit's sake.
    private(set) var foldedCount = 0

    /// - Parameters:
    ///   - limit: How many modules have series of their own.
    ///   - pathByteCountMax: Where the paths of executables are cut; 0 leaves them out.
    ///   - choice: Which modules can have series of their own.
    init(limit: Int, pathByteCountMax: Int, choice: ModuleChoice = ModuleChoice()) {
        self.pathByteCountMax = pathByteCountMax
        places = SeriesPlaces(limit: limit)
        self.choice = choice
    }

    /// The modules by which members are counted: their own, or `other`.
    var exposedModules: [ModuleIndex: OwnerModule] {
        var modules: [ModuleIndex: OwnerModule] = [:]
        for exposed in exposed {
            for member in exposed.members { modules[member] = exposed.module }
        }
        return modules
    }

    /// Writes how many modules are folded.
    func write(to exposition: inout TextExposition) {
        exposition.write(Metric.modulesFolded) { $0.append(value: UInt64(foldedCount)) }
    }

    /// Decides anew, once all rows of a scrape are counted.
    ///
    /// - Parameter tables: The counts of each table.
    mutating func update(_ modules: ModuleTable, _ tables: [ModuleCounts]) {
        var members: [OwnerModule: [ModuleIndex]] = [:]
        for index in modules.living { members[modules[index].module, default: []].append(index) }
        choice.update(members.keys)
        places.update(weights(members.filter { choice.contains($0.key) }, tables))
        kept = kept.filter { places.contains($0.key) }
        for (module, indices) in members where places.contains(module) {
            let earliest = Self.earliest(indices, modules)
            kept[module, default: Exposed(module, members: [])]
                .update(
                    indices, path: pathByteCountMax > 0 ? earliest?.path ?? "" : "",
                    byteCountMax: pathByteCountMax, earliest?.containerName)
        }
        exposed = Array(kept.values)
        foldOthers(members)
        exposed.sort { $0.module < $1.module }
    }

    /// The member with the earliest started process.
    private static func earliest(
        _ indices: [ModuleIndex], _ modules: ModuleTable
    ) -> ModuleTable.Entry? {
        indices.map { modules[$0] }.min { a, b in
            guard let first = a.process else { return false }
            return b.process.map(first.precedes) ?? true
        }
    }

    /// Sockets, and what those of the kind weigh.
    private func weights(
        _ members: [OwnerModule: [ModuleIndex]], _ tables: [ModuleCounts]
    ) -> [OwnerModule: UInt64] {
        var weights: [OwnerModule: UInt64] = [:]
        weights.reserveCapacity(members.count)
        for (module, indices) in members {
            let count = tables.reduce(0) { $0 + $1.sum(of: indices).count }
            weights[module] = count * module.kind.weight
        }
        return weights
    }

    private mutating func foldOthers(_ members: [OwnerModule: [ModuleIndex]]) {
        let folded = members.filter { kept[$0.key] == nil }
        foldedCount = folded.keys.count(where: choice.contains)
        guard !folded.isEmpty else { return }
        let module = OwnerModule(name: "other", kind: .other)
        exposed.append(Exposed(module, members: folded.values.flatMap { $0 }))
    }
}

extension ModuleDirectory.Exposed {
    fileprivate init(_ module: OwnerModule, members: [ModuleIndex]) {
        self.init(
            module: module, members: members,
            labels: LabelSet([
                ("module", module.name), ("kind", module.kind.label.description),
            ]))
    }

    /// Modules of one name have one name in Kubernetes, too.
    fileprivate mutating func update(
        _ indices: [ModuleIndex], path: String, byteCountMax: Int, _ name: ContainerName?
    ) {
        members = indices
        guard infoLabels == nil || path != self.path else { return }
        self.path = path
        let text = SanitizedText.text(path.utf8, byteCountMax: byteCountMax)
        infoLabels = labels + LabelSet([("path", text)] + Self.kubernetesLabels(name))
    }

    private static func kubernetesLabels(
        _ name: ContainerName?
    ) -> [(name: StaticString, value: String)] {
        guard case .kubernetes(let name) = name else { return [] }
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        return [
            ("k8s_namespace_name", text(name.namespace)), ("k8s_pod_name", text(name.pod)),
            ("k8s_container_name", text(name.container ?? [])),
        ]
    }
}
