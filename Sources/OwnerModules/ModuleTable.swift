import Procfs

/// A module's place in a `ModuleTable`: a small number, used again after the module's life.
package struct ModuleIndex: Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// The modules that live, from scrape to scrape.
///
/// A module lives while it has a connection, and beyond while a process does that had one: a client
/// that connects once a minute keeps its series in between.
package struct ModuleTable {
    package struct Entry: Sendable {
        package var module: OwnerModule
        /// The path of the executable of its earliest started process; empty when we may not know
        /// it.
        package var path: String
        /// That process; nil when the module is known by its cgroup alone.
        fileprivate var process: ProcessIdentity?
        /// The scrape in which the module was last seen to live.
        fileprivate var seen: UInt64
        /// Unlike its index, never used again.
        package let birth: UInt64
    }

    private var entries: [Entry?] = []
    private var indices: [OwnerModule: ModuleIndex] = [:]
    private var scrape: UInt64 = 0
    private var births: UInt64 = 0

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

    mutating func beginScrape() {
        scrape += 1
    }

    /// Notes that a module lives in this scrape.
    mutating func see(
        _ module: OwnerModule, path: String = "", process: ProcessIdentity? = nil
    ) -> ModuleIndex {
        let index = indices[module] ?? add(module)
        guard var entry = entries[index.rawValue] else { return index }
        let isFirst = entry.seen != scrape || entry.process == nil
        if let process, isFirst || entry.process.map(process.precedes) == true {
            entry.process = process
            entry.path = path
        }
        entry.seen = scrape
        entries[index.rawValue] = entry
        return index
    }

    /// Forgets the modules whose life is over.
    mutating func endScrape() {
        for (index, entry) in entries.enumerated() {
            guard let entry, entry.seen != scrape else { continue }
            indices[entry.module] = nil
            entries[index] = nil
        }
    }

    private mutating func add(_ module: OwnerModule) -> ModuleIndex {
        births += 1
        let entry = Entry(module: module, path: "", process: nil, seen: scrape, birth: births)
        let free = entries.firstIndex { $0 == nil }
        if let free { entries[free] = entry } else { entries.append(entry) }
        let index = ModuleIndex(rawValue: free ?? entries.count - 1)
        indices[module] = index
        return index
    }
}
