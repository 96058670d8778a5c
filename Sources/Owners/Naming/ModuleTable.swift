package import TCPModel

/// A module's place in a `ModuleTable`: a small number, reused after the module's life.
package struct ModuleIndex: Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// The modules that live, from scrape to scrape.
///
/// A module lives while it has a connection, and longer while a process does that had one: a client
/// that connects once a minute keeps its series in between.
package struct ModuleTable {
    package struct Entry: Sendable {
        package let identity: ModuleIdentity
        /// What people call it. Two identities can have the same name.
        package var module: OwnerModule
        /// What its runtime calls it, of a container of which that is known.
        package fileprivate(set) var containerName: ContainerName?
        /// The path of the executable of its earliest started process; empty when unknown.
        package var path: String
        /// That process; nil when the module is known by its cgroup alone.
        package fileprivate(set) var process: ProcessIdentity? {
            didSet {
                if process != oldValue {
                    container = ContainerFacts(identity, process: process?.process)
                }
            }
        }
        /// What its name is looked for by, of a container.
        fileprivate var container: ContainerFacts?
        /// The scrape in which the module was last seen alive.
        fileprivate var lastScrape: UInt64
    }

    private var entries: [Entry?] = []
    private var indices: [ModuleIdentity: ModuleIndex] = [:]
    private var scrape: UInt64 = 0

    package init() {}

    /// The number below which every index lies.
    package var capacity: Int { entries.count }

    /// The indices of the living modules.
    package var living: [ModuleIndex] {
        entries.indices.filter { entries[$0] != nil }.map(ModuleIndex.init)
    }

    /// A living module.
    package subscript(index: ModuleIndex) -> Entry {
        guard let entry = entries[index.rawValue] else {
            preconditionFailure("no living module has the index \(index.rawValue)")
        }
        return entry
    }

    /// Whether the module lives.
    func contains(_ identity: ModuleIdentity) -> Bool { indices[identity] != nil }

    mutating func beginScrape() {
        scrape += 1
    }

    /// Notes that a module lives in this scrape.
    mutating func touch(
        _ identity: ModuleIdentity, path: String = "", process: ProcessIdentity? = nil
    ) -> ModuleIndex {
        let index = indices[identity] ?? add(identity)
        guard var entry = entries[index.rawValue] else { return index }
        let isFirst = entry.lastScrape != scrape || entry.process == nil
        if let process, isFirst || entry.process.map(process.precedes) == true {
            entry.process = process
            entry.path = path
        }
        entry.lastScrape = scrape
        entries[index.rawValue] = entry
        return index
    }

    /// The living container with an ID, of whatever runtime.
    func container(_ id: [UInt8]) -> Entry? {
        indices.first { $0.key.isContainer(id) }.map { self[$0.value] }
    }

    /// Calls the living containers by the names that are known of them.
    ///
    /// - Parameter others: Containers that may be no living modules.
    /// - Returns: The names of all.
    mutating func nameContainers(
        _ naming: any ContainerNaming, others: [ContainerFacts] = []
    ) -> [ModuleIdentity: ContainerName] {
        let facts = Dictionary(others.map { ($0.module, $0) }) { first, _ in first }
        let living = entries.compactMap { entry -> ContainerFacts? in
            guard let container = entry?.container else { return nil }
            // One that is known by its cgroup alone may be among the others with a process.
            return container.process == nil ? facts[container.module] ?? container : container
        }
        let rest = others.filter { indices[$0.module] == nil }
        let names = naming.names(of: living + rest)
        for (index, entry) in entries.enumerated() {
            guard let entry, let container = entry.container else { continue }
            let name = names[container.module]
            guard entry.containerName != name else { continue }
            entries[index]?.containerName = name
            entries[index]?.module = OwnerModule(container.module, name)
        }
        return names
    }

    /// Forgets the modules whose life is over.
    mutating func endScrape() {
        for (index, entry) in entries.enumerated() {
            guard let entry, entry.lastScrape != scrape else { continue }
            indices[entry.identity] = nil
            entries[index] = nil
        }
    }

    private mutating func add(_ identity: ModuleIdentity) -> ModuleIndex {
        let entry = Entry(
            identity: identity, module: OwnerModule(identity), path: "", process: nil,
            container: ContainerFacts(identity, process: nil), lastScrape: scrape)
        let free = entries.firstIndex { $0 == nil }
        if let free { entries[free] = entry } else { entries.append(entry) }
        let index = ModuleIndex(rawValue: free ?? entries.count - 1)
        indices[identity] = index
        return index
    }
}
