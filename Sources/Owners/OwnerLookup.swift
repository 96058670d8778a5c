package import TCPModel

/// Owners while tables are read: each row gets a reference, which `resolve` makes an owner of.
package struct OwnerLookup: ~Copyable {
    private var known: KnownOwners
    private var search: HolderSearch
    private var pending = PendingSockets()
    private var groups = UnownedGroups()
    private var listeners: [Listener] = []
    /// The table that is read, and what was there before it.
    private var table: UInt16 = 0
    private var checkpoint = Checkpoint()

    private struct Checkpoint {
        var pendingCount = 0
        var groupCount = 1
        var listenerCount = 0
    }

    /// A listener that connections may be attributed to.
    struct Listener {
        var place: ListenerIndex.Place
        var cgroup: CgroupID?
        var queueLength: UInt32
        var owner: OwnerReference
    }

    enum OwnerReference {
        case ref(OwnerRef)
        /// It is needed only if a connection waits in some listener's queues.
        case onDemand(PendingSocket)
    }

    init(_ known: KnownOwners, _ search: HolderSearch) {
        self.known = known
        self.search = search
    }

    /// Begins the next table: rows of one never decide about another's.
    package mutating func beginTable(_ number: UInt16) {
        table = number
        checkpoint = Checkpoint(
            pendingCount: pending.sockets.count, groupCount: groups.count,
            listenerCount: listeners.count)
    }

    /// Forgets the rows of this table: it is read again from its start, or could not be read.
    package mutating func rollBackTable() {
        pending.truncate(to: checkpoint.pendingCount)
        groups.truncate(to: checkpoint.groupCount)
        listeners.removeLast(listeners.count - checkpoint.listenerCount)
    }

    /// A reference to the owner of a row.
    package mutating func lookUp(_ row: borrowing TCPConnection) -> OwnerRef {
        guard row.inode != nil else { return lookUpUnowned(row) }
        let ref: OwnerRef =
            switch known.cachedHolder(of: row.cookie) {
            case .process(let slot): .process(slot)
            case .manager(let slot): lookUpManaged(row, slot)
            case .unseen: group(.unseen(isRoots: row.userID == 0), row)
            case .pending(let isCached, let wasSought):
                append(socket(row, isCached: isCached, wasSought: wasSought))
            }
        if row.isListener { note(row, .ref(ref)) }
        return ref
    }

    /// Notes a listener whose owner nobody asked for, because it may decide about others.
    package mutating func note(listener row: borrowing TCPConnection) {
        guard row.inode != nil else { return }
        switch known.cachedHolder(of: row.cookie) {
        case .process(let slot): note(row, .ref(.process(slot)))
        case .manager(let slot): note(row, .ref(group(.managed(slot), row)))
        case .unseen: note(row, .ref(group(.unseen(isRoots: row.userID == 0), row)))
        case .pending(let isCached, let wasSought):
            note(row, .onDemand(socket(row, isCached: isCached, wasSought: wasSought)))
        }
    }

    /// Has a container named that may own no connection.
    package mutating func note(container: ContainerFacts) {
        known.otherContainers.append(container)
    }

    /// Ends a scrape of which no table could be read.
    package consuming func abandon() -> OwnerResolver { OwnerResolver(known, search) }

    /// Searches for the owners that are pending.
    ///
    /// - Parameter source: Reads the first table again, where that saves looking for closed sockets.
    package consuming func resolve(
        rereading source: inout some ConnectionSource
    ) -> ResolvedOwners {
        known.dropClosedSockets()
        demandListeners()
        var failure: FileError?
        do throws(FileError) {
            try search.run(for: &pending, &known, rereading: &source)
        } catch {
            failure = error
        }
        return ResolvedOwners(known, search, pending, groups, listeners, failure)
    }
}

// MARK: - Rows

extension OwnerLookup {
    /// A connection whose socket no descriptor refers to.
    private mutating func lookUpUnowned(_ row: borrowing TCPConnection) -> OwnerRef {
        if row.isListener { return group(.unseen(isRoots: row.userID == 0), row) }
        if row.isNotAccepted { return lookUpNotAccepted(row) }
        return row.cgroup == nil ? .group(UnownedGroups.unknowable) : group(.orphaned, row)
    }

    /// A socket that a service manager held alone. Its service may have got it since, if it is a listener.
    private mutating func lookUpManaged(
        _ row: borrowing TCPConnection, _ slot: ProcessSlot
    ) -> OwnerRef {
        guard row.isListener else { return group(.managed(slot), row) }
        var socket = socket(row, isCached: true, wasSought: false)
        socket.isManaged = true
        return append(socket)
    }

    private mutating func lookUpNotAccepted(_ row: borrowing TCPConnection) -> OwnerRef {
        let isQueued = row.state != .synRecv
        let cause = UnownedGroup.Cause.notAccepted(
            row.localAddress, port: row.localPort, interface: row.interfaceIndex,
            isQueued: isQueued)
        let number = groups.number(
            of: UnownedGroup(table: table, cause: cause, cgroup: row.cgroup))
        groups.count(number)
        return .group(number)
    }

    private mutating func group(
        _ cause: UnownedGroup.Cause, _ row: borrowing TCPConnection
    ) -> OwnerRef {
        .group(groups.number(of: UnownedGroup(table: table, cause: cause, cgroup: row.cgroup)))
    }

    private mutating func append(_ socket: PendingSocket) -> OwnerRef {
        pending.append(socket)
        return .pending(pending.sockets.count - 1)
    }

    private mutating func socket(
        _ row: borrowing TCPConnection, isCached: Bool, wasSought: Bool
    ) -> PendingSocket {
        PendingSocket(
            cookie: row.cookie, inode: row.inode ?? .none, userID: row.userID,
            cgroup: known.cgroups.number(of: row.cgroup), table: table, isCached: isCached,
            wasSought: wasSought)
    }

    private mutating func note(
        _ row: borrowing TCPConnection, _ owner: OwnerReference
    ) {
        listeners.append(
            Listener(
                place: ListenerIndex.Place(
                    table: table, address: row.localAddress, port: row.localPort,
                    interface: row.interfaceIndex),
                cgroup: row.cgroup, queueLength: row.receiveQueue, owner: owner))
    }
}

// MARK: - The end of the tables

extension OwnerLookup {
    /// Searches for listeners on demand if anything depends on them, and drops them otherwise.
    private mutating func demandListeners() {
        guard groups.isAnyNotAccepted else {
            listeners = []
            return
        }
        for index in listeners.indices {
            guard case .onDemand(let socket) = listeners[index].owner else { continue }
            listeners[index].owner = .ref(append(socket))
        }
    }
}
