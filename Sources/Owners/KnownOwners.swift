import TCPModel

/// What is known about owners, from scrape to scrape.
struct KnownOwners {
    let information: any ProcessInformation
    /// Nil: processes have no names but their own.
    let naming: (any ProcessNaming)?
    /// Nil: containers are called by their IDs.
    let containerNaming: (any ContainerNaming)?
    var sockets = SocketCache()
    var processes = ProcessCache()
    var cgroups: CgroupModules
    var modules = ModuleTable()
    /// Containers that may own no connection and have names all the same, in this scrape.
    var otherContainers: [ContainerFacts] = []
    /// The names of containers, as of the last scrape.
    private(set) var containerNames: [ModuleIdentity: ContainerName] = [:]
    /// Counts scrapes.
    private(set) var scrape: UInt64 = 0

    init(
        _ information: any ProcessInformation, _ cgroups: any CgroupDirectories,
        _ naming: (any ProcessNaming)? = nil,
        _ containerNaming: (any ContainerNaming)? = nil
    ) {
        self.information = information
        self.naming = naming
        self.containerNaming = containerNaming
        self.cgroups = CgroupModules(cgroups)
    }

    /// Begins a scrape: looks whether the known processes are still there, and what they are.
    mutating func beginScrape() {
        scrape += 1
        otherContainers = []
        sockets.beginScrape()
        modules.beginScrape()
        cgroups.beginScrape()
        processes.refresh(information, &modules, scrape: scrape, naming)
    }

    /// The service managers that are known, and the first process if it is one.
    var managers: Set<ProcessID> {
        let managers = processes.managers
        guard !managers.contains(.initial),
            let memberships = try? information.cgroups(of: .initial),
            ProcessDescription.isManager(.initial, memberships)
        else { return managers }
        return managers.union([.initial])
    }

    mutating func endScrape() {
        processes.endScrape()
        modules.endScrape()
        if let containerNaming {
            containerNames = modules.nameContainers(containerNaming, others: otherContainers)
        }
    }

    /// The slot of a process that holds a socket.
    mutating func slot(of process: ProcessIdentity) -> ProcessSlot {
        processes.slot(of: process, information, &modules, naming)
    }

    /// Drops the sockets that are gone, before others are searched for: their descriptors are where
    /// new ones are likely to be.
    mutating func dropClosedSockets() {
        for entry in sockets.sweep() where entry.descriptor < HeldSocket.ringMark {
            processes.free(descriptor: entry.descriptor, of: entry.owner)
        }
    }

    /// The service manager that is cached as the holder of a socket; nobody for others.
    func manager(of socket: PendingSocket) -> ProcessSlot {
        guard socket.isManaged, let place = sockets.find(socket.cookie) else { return .nobody }
        return sockets[place].owner
    }

    /// Finds the modules of the cgroups that decide about anything.
    mutating func resolveCgroups(of groups: UnownedGroups) {
        let telling = processes.tellingCgroups
        cgroups.resolve(telling.union(groups.groups.lazy.compactMap(\.cgroup)), modules)
        if !telling.isEmpty { processes.identifyContainers(cgroups, &modules) }
    }

    /// Makes room for what a search found out.
    mutating func reserve(_ pending: PendingSockets) { sockets.reserve(pending.sockets.count) }

    /// Caches what a search found out about a socket.
    mutating func cache(_ socket: PendingSocket, _ holder: PendingSockets.Holder) {
        guard !socket.isRepeated else { return }
        let known = socket.isCached ? sockets.find(socket.cookie) : nil
        guard let place = known ?? sockets.insert(socket.cookie) else { return }
        let isChanged = known == nil || sockets[place].owner != holder.slot
        // At the first scrape all are new to the cache, and few of them to their holders.
        sockets[place].note(
            holder.slot, holder.descriptor,
            needsVerification: isChanged && (scrape > 1 || holder.slot == .nobody))
        processes.note(
            descriptor: holder.descriptor, cgroup: cgroups[socket.cgroup], of: holder.slot)
    }
}

// MARK: - Looking up

extension KnownOwners {
    /// In this many scrapes each cached holder is verified at least once.
    static let verificationPeriod: UInt64 = 64

    /// What the cache says about a socket's holder.
    enum CachedHolder {
        case process(ProcessSlot)
        /// A service manager, and nobody else.
        case manager(ProcessSlot)
        /// An earlier search found no holder.
        case unseen
        /// Nothing, or a holder that is to be verified: it must be searched for.
        case pending(isCached: Bool, wasSought: Bool)
    }

    @inline(__always)
    mutating func cachedHolder(of cookie: UInt64) -> CachedHolder {
        guard let place = sockets.lookUp(cookie) else {
            return .pending(isCached: false, wasSought: false)
        }
        let entry = sockets[place]
        let wasSought = entry.owner == .nobody
        if isDue(entry, cookie) { return .pending(isCached: true, wasSought: wasSought) }
        if processes.owners[entry.owner.index] != nil { return .process(entry.owner) }
        if wasSought { return .unseen }
        return processes.isManager(entry.owner)
            ? .manager(entry.owner) : .pending(isCached: true, wasSought: false)
    }

    /// Whether a cached holder is to be verified now. Sockets without a holder, and those of service
    /// managers, are verified together, because verifying a single one would cost a search through every
    /// process.
    @inline(__always)
    private func isDue(_ entry: SocketCache.Entry, _ cookie: UInt64) -> Bool {
        if entry.needsVerification { return true }
        let turn = scrape % Self.verificationPeriod
        let isItsTurn = cookie % Self.verificationPeriod == turn
        guard turn == 0 || isItsTurn else { return false }
        return processes.owners[entry.owner.index] == nil ? turn == 0 : isItsTurn
    }
}
