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

    init(
        _ known: consuming KnownOwners, _ search: HolderSearch,
        _ pending: consuming PendingSockets, _ groups: consuming UnownedGroups,
        _ listeners: [OwnerLookup.Listener], _ failure: FileError?
    ) {
        let refs = Self.refs(pending, &groups, known.cgroups)
        known.cgroups.resolve(Set(groups.groups.lazy.compactMap(\.cgroup)))
        for (socket, holder) in zip(pending.sockets, pending.holders) {
            known.cache(socket, holder)
        }
        groupOwners = Self.owners(
            groups.groups, listeners, refs, &known, search.visibility)
        known.endScrape()
        pendingRefs = refs
        self.known = known
        self.search = search
        self.failure = failure
    }

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
        switch ref.target {
        case .process(let number): known.processes.owners[number] ?? .unattributed(.partial)
        case .group(let number): groupOwners[number]
        case .pending(let number): owner(of: pendingRefs[number])
        }
    }

    /// The number of the process that holds the socket; 0 for none.
    package func holder(of ref: OwnerRef) -> Int {
        switch ref.target {
        case .process(let number): number
        case .group: 0
        case .pending(let number): holder(of: pendingRefs[number])
        }
    }

    /// Ends the scrape.
    package consuming func finish() -> OwnerResolver { OwnerResolver(known, search) }
}

extension ResolvedOwners {
    private static func refs(
        _ pending: PendingSockets, _ groups: inout UnownedGroups, _ cgroups: CgroupModules
    ) -> [OwnerRef] {
        var refs: [OwnerRef] = []
        refs.reserveCapacity(pending.sockets.count)
        for (socket, holder) in zip(pending.sockets, pending.holders) {
            if holder.slot != .nobody {
                refs.append(.process(holder.slot))
                continue
            }
            let cause: UnownedGroup.Cause =
                if pending.isClosed(socket.inode) { .closed } else {
                    socket.wasSought ? .unseen : .missing
                }
            let group = UnownedGroup(
                table: socket.table, cause: cause, cgroup: cgroups[socket.cgroup])
            refs.append(.group(groups.number(of: group)))
        }
        return refs
    }

    /// The owners of all groups: those of listeners first, because others depend on them.
    private static func owners(
        _ groups: [UnownedGroup], _ listeners: [OwnerLookup.Listener], _ refs: [OwnerRef],
        _ known: inout KnownOwners, _ visibility: HolderVisibility
    ) -> [Owner] {
        var owners = groups.map { group in
            group.cgroup.flatMap { known.cgroups.module(of: $0) }
                .map { .module(known.modules.touch($0)) }
                ?? Owner.unattributed(group.cause.reason(visibility))
        }
        let index = listenerIndex(listeners, refs, owners, known.processes)
        for (number, group) in groups.enumerated() {
            guard case .notAccepted(let address, let port) = group.cause,
                let owner = index.owner(of: address, port: port, table: group.table)
            else { continue }
            owners[number] = owner
        }
        return owners
    }

    private static func listenerIndex(
        _ listeners: [OwnerLookup.Listener], _ refs: [OwnerRef], _ groupOwners: [Owner],
        _ processes: ProcessCache
    ) -> ListenerIndex {
        func owner(of ref: OwnerRef) -> Owner {
            switch ref.target {
            case .process(let number): processes.owners[number] ?? .unattributed(.partial)
            case .group(let number): groupOwners[number]
            case .pending(let number): owner(of: refs[number])
            }
        }
        var index = ListenerIndex()
        for listener in listeners {
            guard case .ref(let ref) = listener.owner else { continue }
            index.add(
                listener.address, port: listener.port, table: listener.table, owner(of: ref))
        }
        return index
    }
}

extension UnownedGroup.Cause {
    /// Why rows of the group have no owner, if neither a cgroup nor a listener tells.
    fileprivate func reason(_ visibility: HolderVisibility) -> UnattributedReason {
        switch self {
        case .unknowable, .notAccepted, .orphaned: .notFound
        case .closed: .partial
        case .unseen: visibility.reason(isSeenAgain: true)
        case .missing: visibility.reason(isSeenAgain: false)
        }
    }
}
