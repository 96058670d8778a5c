package import Procfs
package import TCPTable

/// Whose a connection is, or why that cannot be told.
package enum Attribution: Equatable, Sendable {
    case module(ModuleIndex)
    case unattributed(UnattributedReason)
}

/// A connection whose owner is known, as far as it can be.
package struct AttributedConnection: Sendable {
    package var connection: UnattributedConnection
    package var attribution: Attribution
}

/// What is kept of a row until its owner is known.
package struct UnattributedConnection: Sendable {
    package var localAddress: IPAddress
    package var localPort: UInt16
    package var state: TCPState
    package var offloadState: OffloadState
    package var receiveQueue: UInt32
    package var sendQueue: UInt32
    var inode: SocketInode?
    var cgroup: CgroupID?

    package init(_ connection: borrowing TCPConnection) {
        localAddress = connection.localAddress
        localPort = connection.localPort
        state = connection.state
        offloadState = connection.offloadState
        receiveQueue = connection.receiveQueue
        sendQueue = connection.sendQueue
        inode = connection.inode
        cgroup = connection.cgroup
    }
}

/// Finds the owner modules of connections.
///
/// The order in which owners are looked for:
/// 1. a process that holds a descriptor for the socket;
/// 2. not accepted yet, or `syn_recv`: the owner of the listener;
/// 3. the service or container of the cgroup in which the socket was made: orphans, and sockets whose
///    holder we may not look into;
/// 4. nobody.
///
/// The table is read first and /proc after it, so that each owner is looked for when it is known to be
/// wanted. What closes in between is told as `partial`.
package struct OwnerAttribution {
    /// The modules of this scrape and those that outlived earlier ones.
    package internal(set) var modules = ModuleTable()
    /// What kept the last scrape from seeing every holder.
    package internal(set) var visibility = ProcessVisibility()

    let procfs: ProcFS
    let cgroupfs: CgroupFS
    let listing = DirectoryListing()
    /// Connections whose owners are wanted.
    var waiting: [UnattributedConnection] = []
    /// Listeners whose owners are not, unless a waiting connection's is found by them.
    var noted: [UnattributedConnection] = []
    var listeners = Listeners()
    var cgroups = CgroupModules()

    package init(procfs: ProcFS, cgroupfs: CgroupFS) {
        self.procfs = procfs
        self.cgroupfs = cgroupfs
    }

    /// Forgets the connections that were added and not attributed.
    package mutating func removeAll() {
        waiting.removeAll(keepingCapacity: true)
        noted.removeAll(keepingCapacity: true)
    }

    /// Takes in a connection whose owner is wanted.
    ///
    /// - Returns: The connection, if it can have no owner and so need not wait: `time_wait`, mostly.
    package mutating func add(_ connection: borrowing TCPConnection) -> AttributedConnection? {
        let waiter = UnattributedConnection(connection)
        if waiter.inode == nil, waiter.cgroup == nil, !waiter.isNotAccepted {
            return AttributedConnection(
                connection: waiter, attribution: .unattributed(.notFound))
        }
        waiting.append(waiter)
        return nil
    }

    /// Takes in a listener whose owner nobody asked for, because other connections' owners may be
    /// found by it.
    package mutating func note(listener: borrowing TCPConnection) {
        noted.append(UnattributedConnection(listener))
    }

    /// Attributes each connection that was added, listeners first, and gives it to `body`.
    ///
    /// - Throws: When /proc itself cannot be listed. Each connection has been given all the same, as
    ///   `protected` where only a process could have told.
    package mutating func attribute(
        _ body: (borrowing AttributedConnection) -> Void
    ) throws(FileError) {
        modules.beginScrape()
        cgroups.beginScrape()
        if !waiting.contains(where: \.isNotAccepted) { noted.removeAll(keepingCapacity: true) }
        let (holders, failure) = findHolders()
        visibility = holders.visibility
        let owners = nameOwners(holders)
        giveListeners(holders, owners, body)
        for connection in waiting where connection.state != .listen {
            let attribution = attribution(of: connection, holders, owners)
            body(AttributedConnection(connection: connection, attribution: attribution))
        }
        removeAll()
        modules.endScrape(procfs)
        if let failure { throw failure }
    }
}
