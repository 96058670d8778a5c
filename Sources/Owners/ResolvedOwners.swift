package import TCPModel

/// The owners of one scrape's rows.
package struct ResolvedOwners: ~Copyable {
    /// Why /proc could not be listed, if it could not. Connections of which only a process could have
    /// told the owner are `protected` then.
    package let failure: FileError?

    private var known: KnownOwners
    private var search: HolderSearch
    /// Where each pending reference leads: to a process or a group.
    private let pendingRefs: [OwnerRef]
    private let groupOwners: [Owner]
    /// The process that holds the rows of each group; nobody for most.
    private let groupHolders: [ProcessSlot]

    init(
        _ known: consuming KnownOwners, _ search: HolderSearch,
        _ pending: consuming PendingSockets, _ groups: consuming UnownedGroups,
        _ listeners: [OwnerLookup.Listener], _ failure: FileError?
    ) {
        let refs = Self.refs(pending, &groups, known)
        // What a search did not reach, or could not read, is not cached as without a holder.
        let isComplete =
            failure == nil && !search.isExhausted && search.visibility.failure == nil
        known.reserve(pending)
        for (socket, holder) in zip(pending.sockets, pending.holders)
        where holder.slot != .nobody || isComplete && !socket.isManaged {
            known.cache(socket, holder)
        }
        known.resolveCgroups(of: groups)
        groupOwners = Self.owners(
            groups, listeners, refs, &known, search)
        groupHolders = groups.groups.map(\.cause.manager)
        known.endScrape()
        pendingRefs = refs
        self.known = known
        self.search = search
        self.failure = failure
    }

    /// Whether the search ended before it had read everything; connections that it did not find are
    /// `partial`.
    package var isSearchExhausted: Bool { search.isExhausted }
    /// The modules that live.
    package var modules: ModuleTable { known.modules }
    /// What the search could not see.
    package var visibility: HolderVisibility { search.visibility }
    /// How many sockets are cached; at most `SocketCache.socketsMax`.
    package var cachedSocketCount: Int { known.sockets.count }
    /// The processes that hold sockets, by the numbers that `holder(of:)` returns; nil where a number is
    /// not in use.
    package var holders: [HoldingProcess?] { known.processes.holders }

    /// The owner that a reference of this scrape leads to.
    package func owner(of ref: OwnerRef) -> Owner {
        Self.owner(of: ref, pendingRefs, groupOwners, known.processes)
    }

    /// The number of the process that holds the socket; 0 for none.
    package func holder(of ref: OwnerRef) -> Int {
        switch ref.target {
        case .process(let number): number
        case .group(let number): groupHolders[number].index
        case .pending(let number): holder(of: pendingRefs[number])
        }
    }

    /// The process that holds the socket; nil for none.
    package func process(of ref: OwnerRef) -> ProcessID? {
        known.processes[ProcessSlot(rawValue: UInt32(holder(of: ref)))]?.identity.process
    }

    /// What a container's network is called: like the container, or like its pod, whose containers share
    /// the network.
    package func networkName(of container: ModuleIdentity) -> String {
        let known = container.unknownContainerID.flatMap(modules.container)
        var name = known?.containerName ?? self.known.containerNames[container]
        if case .kubernetes(var pod) = name {
            pod.container = nil
            name = .kubernetes(pod)
        }
        return OwnerModule(known?.identity ?? container, name).name
    }

    /// Ends the scrape.
    package consuming func finish() -> OwnerResolver { OwnerResolver(known, search) }
}

extension ResolvedOwners {
    private static func refs(
        _ pending: PendingSockets, _ groups: inout UnownedGroups, _ known: borrowing KnownOwners
    ) -> [OwnerRef] {
        var refs: [OwnerRef] = []
        refs.reserveCapacity(pending.sockets.count)
        for (socket, holder) in zip(pending.sockets, pending.holders) {
            let slot = holder.slot == .nobody ? known.manager(of: socket) : holder.slot
            let isManaged = known.processes.isManager(slot)
            if slot != .nobody, !isManaged {
                refs.append(.process(slot))
                continue
            }
            let cause: UnownedGroup.Cause =
                if isManaged { .managed(slot) } else { pending.cause(socket) }
            let group = UnownedGroup(
                table: socket.table, cause: cause, cgroup: known.cgroups[socket.cgroup])
            refs.append(.group(groups.number(of: group)))
        }
        return refs
    }

    /// The owners of all groups: those of listeners first, because others depend on them.
    private static func owners(
        _ groups: UnownedGroups, _ listeners: [OwnerLookup.Listener], _ refs: [OwnerRef],
        _ known: inout KnownOwners, _ search: HolderSearch
    ) -> [Owner] {
        var owners = groups.groups.map { group in
            group.cgroup.flatMap { known.cgroups.module(of: $0) }
                .map { .module(known.modules.touch($0)) }
                ?? group.cause.owner(search, known.processes, &known.modules)
        }
        let arrivals = zip(groups.groups, groups.counts).map { ListenerIndex.Arrival($0, $1) }
        let index = ListenerIndex(
            listeners.compactMap { listener in
                guard case .ref(let ref) = listener.owner else { return nil }
                return ListenerIndex.Listener(
                    place: listener.place, owner: owner(of: ref, refs, owners, known.processes),
                    cgroup: listener.cgroup, queueLength: listener.queueLength)
            }, arrivals.compactMap(\.self))
        for (number, arrival) in arrivals.enumerated() {
            guard let arrival, let owner = index.owner(of: arrival) else { continue }
            // The cgroup's own module is better than an ambiguous listener.
            if case .unattributed = owner, case .module = owners[number] { continue }
            owners[number] = owner
        }
        return owners
    }

    private static func owner(
        of ref: OwnerRef, _ refs: [OwnerRef], _ groupOwners: [Owner], _ processes: ProcessCache
    ) -> Owner {
        switch ref.target {
        case .process(let number): processes.owners[number] ?? .unattributed(.partial)
        case .group(let number): groupOwners[number]
        case .pending(let number): owner(of: refs[number], refs, groupOwners, processes)
        }
    }
}

extension ListenerIndex.Arrival {
    /// Nil for a group of other rows than connections that wait in a listener's queues.
    fileprivate init?(_ group: UnownedGroup, _ count: UInt64) {
        guard case .notAccepted(let address, let port, let interface, let isQueued) = group.cause
        else { return nil }
        self.init(
            place: ListenerIndex.Place(
                table: group.table, address: address, port: port, interface: interface),
            cgroup: group.cgroup, queuedCount: isQueued ? count : 0)
    }
}

extension PendingSockets {
    /// Why a socket has no holder.
    fileprivate func cause(_ socket: PendingSocket) -> UnownedGroup.Cause {
        if isClosed(socket.inode) { return .closed }
        return socket.wasSought ? .unseen(isRoots: socket.userID == 0) : .missing
    }
}

extension UnownedGroup.Cause {
    /// The service manager that holds the rows of the group; nobody if none does.
    fileprivate var manager: ProcessSlot {
        if case .managed(let slot) = self { slot } else { .nobody }
    }

    /// Whose the rows of the group are, if neither a cgroup nor a listener tells.
    fileprivate func owner(
        _ search: HolderSearch, _ processes: ProcessCache, _ modules: inout ModuleTable
    ) -> Owner {
        switch self {
        case .managed(let slot): processes.ownModule(of: slot, &modules)
        case .unknowable, .notAccepted, .orphaned: .unattributed(.notFound)
        case .closed: .unattributed(.partial)
        case .unseen(let isRoots):
            .unattributed(search.visibility.reasonSeenAgain(isRoots: isRoots))
        case .missing:
            .unattributed(search.isExhausted ? .partial : search.visibility.reason)
        }
    }
}
