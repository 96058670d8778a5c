import TCPModel

/// A socket whose holder is searched for. Twenty-four bytes: at a first scrape every socket of the host
/// is pending.
struct PendingSocket {
    var cookie: UInt64
    var inode: SocketInode
    var userID: UInt32
    /// The cgroup that it was created in, by its number in this scrape.
    var cgroup: CgroupNumber
    /// The table of this scrape that it is in.
    var table: UInt16
    /// Whether the cache has a holder, which is to be verified.
    var isCached = false
    /// Whether an earlier search, which found no holder, is in the cache.
    var wasSought = false
    /// Whether the cached holder is a service manager: whether another process has got the socket is only
    /// seen if a search goes on for others' sake.
    var isManaged = false
    /// Whether an earlier row is about the same socket.
    fileprivate(set) var isRepeated = false
}

/// The sockets whose holders are searched for in one scrape.
struct PendingSockets {
    /// The process that holds a socket, and by which descriptor.
    struct Holder {
        var slot = ProcessSlot.nobody
        var descriptor: UInt32 = 0
    }

    private(set) var sockets: [PendingSocket] = []
    /// The holder of each socket, as far as it was found, once the search has ended.
    private(set) var holders: [Holder] = []
    /// How many sockets have no holder yet.
    private(set) var remaining = 0

    private var index = InodeIndex()
    /// During the search: the holders by rank in the index, in the order in which they are found.
    private var found: [Holder] = []
    /// Whether any of the sockets is a service manager's.
    private var isAnyManaged = false
    /// By rank: service managers that hold sockets which others may hold, too.
    private var managers: [Int: Holder] = [:]
    /// The sockets that were closed after the table was read.
    private var closed: Set<SocketInode> = []

    mutating func append(_ socket: PendingSocket) { sockets.append(socket) }

    /// Drops all sockets behind the first `count`.
    mutating func truncate(to count: Int) { sockets.removeLast(sockets.count - count) }

    /// Starts the search: no socket has a holder. A socket that is there twice is searched for once.
    mutating func beginSearch() {
        index = InodeIndex(sockets.lazy.map(\.inode))
        found = [Holder](repeating: Holder(), count: index.count)
        isAnyManaged = sockets.contains(where: \.isManaged)
        remaining = 0
        for rank in 0..<index.count {
            if index.isRepeated(rank) {
                sockets[index[rank]].isRepeated = true
            } else if !isManaged(rank) {
                remaining += 1
            }
        }
    }

    /// Notes the holder of a missing socket.
    mutating func found(_ rank: Int, by descriptor: UInt32, in slot: ProcessSlot) {
        found[rank] = Holder(slot: slot, descriptor: descriptor)
        if !isManaged(rank) { remaining -= 1 }
    }

    /// Notes a service manager that holds a missing socket, which stays missing: others may hold it, too.
    mutating func found(_ rank: Int, by descriptor: UInt32, inManager slot: ProcessSlot) {
        managers[rank] = Holder(slot: slot, descriptor: descriptor)
    }

    /// Gives service managers what nobody else was found to hold.
    mutating func settleManagers() {
        for (rank, holder) in managers where missingRank(of: sockets[index[rank]].inode) == rank {
            found(rank, by: holder.descriptor, in: holder.slot)
        }
        managers = [:]
    }

    /// The rank of a socket that is searched for and has no holder yet; nil for all others.
    @inline(__always)
    func missingRank(of inode: SocketInode) -> Int? {
        guard let rank = index.firstRank(of: inode), found[rank].slot == .nobody, !isClosed(inode)
        else { return nil }
        return rank
    }

    /// Ends the search for sockets that are closed by now.
    mutating func close(_ inodes: Set<SocketInode>) {
        for inode in inodes where missingRank(of: inode) != nil {
            closed.insert(inode)
            remaining -= 1
        }
    }

    /// Whether the socket was closed after the table was read.
    func isClosed(_ inode: SocketInode) -> Bool { !closed.isEmpty && closed.contains(inode) }

    /// The sockets that have no holder yet.
    var missing: some Sequence<PendingSocket> {
        (0..<index.count).lazy
            .filter { found[$0].slot == .nobody && !index.isRepeated($0) && !isManaged($0) }
            .map { sockets[index[$0]] }
            .filter { !isClosed($0.inode) }
    }

    /// Ends the search: rows of the same socket have the same holder.
    mutating func endSearch() {
        holders = [Holder](repeating: Holder(), count: sockets.count)
        var holder = Holder()
        for rank in 0..<index.count {
            if !index.isRepeated(rank) { holder = found[rank] }
            holders[index[rank]] = holder
        }
        index = InodeIndex()
        found = []
    }

    @inline(__always)
    private func isManaged(_ rank: Int) -> Bool { isAnyManaged && sockets[index[rank]].isManaged }
}
