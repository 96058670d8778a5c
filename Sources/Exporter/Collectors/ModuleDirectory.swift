import Exposition
import Owners
import TCPModel

/// Which modules have series of their own, and their labels.
///
/// A host can run any number of modules; an exposition must stay bounded. The largest have series, up to
/// a limit; one that has them keeps them while it lives, so that no two modules change places at the
/// edge; the others, and those that were not chosen, are taken together as module and kind `other`.
/// Modules with one name are one.
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

    private let limit: Int
    private let includesPaths: Bool
    private var choice: ModuleChoice
    private var kept: [OwnerModule: Exposed] = [:]
    /// What the last update decided, sorted by module.
    private(set) var exposed: [Exposed] = []
    /// How many modules have no series of their own for the limit's sake.
    private(set) var foldedCount = 0

    /// - Parameters:
    ///   - limit: How many modules have series of their own.
    ///   - includesPaths: Whether the paths of executables are given; else they are empty.
    ///   - choice: Which modules can have series of their own.
    init(limit: Int, includesPaths: Bool = true, choice: ModuleChoice = ModuleChoice()) {
        self.limit = limit
        self.includesPaths = includesPaths
        self.choice = choice
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
        kept = kept.filter { members[$0.key] != nil }
        choice.update(members.keys)
        let others = members.keys.filter { kept[$0] == nil && choice.contains($0) }
        let admitted =
            others.isEmpty
            ? [] : largest(max(0, limit - kept.count), of: others, members, tables)
        for module in admitted { kept[module] = Exposed(module, members: []) }
        for (module, indices) in members {
            let earliest = Self.earliest(indices, modules)
            kept[module]?.update(
                indices, path: includesPaths ? earliest?.path ?? "" : "",
                earliest?.containerName)
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

    /// Larger modules first; the order of names decides between equals.
    private func largest(
        _ count: Int, of modules: [OwnerModule], _ members: [OwnerModule: [ModuleIndex]],
        _ tables: [ModuleCounts]
    ) -> ArraySlice<OwnerModule> {
        let sizes = modules.map { module in
            tables.reduce(0) { $0 + $1.sum(of: members[module] ?? []).count }
        }
        return zip(modules, sizes).sorted { a, b in
            a.1 == b.1 ? a.0 < b.0 : a.1 > b.1
        }.map(\.0).prefix(count)
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
        _ indices: [ModuleIndex], path: String, _ name: ContainerName?
    ) {
        members = indices
        guard infoLabels == nil || path != self.path else { return }
        self.path = path
        infoLabels = labels + LabelSet([("path", path)] + Self.kubernetesLabels(name))
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
