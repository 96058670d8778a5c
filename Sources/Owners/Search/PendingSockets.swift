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
    /// The holder of each socket, as far as it was found.
    private(set) var holders: [Holder] = []
    /// How many sockets have no holder yet.
    private(set) var remaining = 0

    private var index = PlaceIndex()
    /// By place: service managers that hold sockets which others may hold, too.
    private var managers: [Int: Holder] = [:]
    /// The sockets that were closed after the table was read.
    private var closed: Set<SocketInode> = []

    mutating func append(_ socket: PendingSocket) { sockets.append(socket) }

    /// Drops all sockets behind the first `count`.
    mutating func truncate(to count: Int) { sockets.removeLast(sockets.count - count) }

    /// Starts the search: no socket has a holder. A socket that is there twice is searched for once.
    mutating func beginSearch() {
        index = PlaceIndex(roomFor: sockets.count)
        holders = [Holder](repeating: Holder(), count: sockets.count)
        remaining = 0
        for (place, socket) in sockets.enumerated() where socket.inode != .none {
            if self.place(of: socket.inode) == nil {
                index.insert(place, PlaceIndex.hash(inode: socket.inode.rawValue))
                if !socket.isManaged { remaining += 1 }
            } else {
                sockets[place].isRepeated = true
            }
        }
    }

    /// Notes the holder of a missing socket.
    mutating func found(_ place: Int, by descriptor: UInt32, in slot: ProcessSlot) {
        holders[place] = Holder(slot: slot, descriptor: descriptor)
        if !sockets[place].isManaged { remaining -= 1 }
    }

    /// Notes a service manager that holds a missing socket, which stays missing: others may hold it, too.
    mutating func found(_ place: Int, by descriptor: UInt32, inManager slot: ProcessSlot) {
        managers[place] = Holder(slot: slot, descriptor: descriptor)
    }

    /// Gives service managers what nobody else was found to hold.
    mutating func settleManagers() {
        for (place, holder) in managers where missingPlace(of: sockets[place].inode) == place {
            found(place, by: holder.descriptor, in: holder.slot)
        }
        managers = [:]
    }

    /// The place of a socket that is searched for and has no holder yet; nil for all others.
    @inline(__always)
    func missingPlace(of inode: SocketInode) -> Int? {
        guard let place = place(of: inode), holders[place].slot == .nobody, !isClosed(inode)
        else { return nil }
        return place
    }

    /// Ends the search for sockets that are closed by now.
    mutating func close(_ inodes: Set<SocketInode>) {
        for inode in inodes where missingPlace(of: inode) != nil {
            closed.insert(inode)
            remaining -= 1
        }
    }

    /// Whether the socket was closed after the table was read.
    func isClosed(_ inode: SocketInode) -> Bool { !closed.isEmpty && closed.contains(inode) }

    /// The sockets that have no holder yet.
    var missing: some Sequence<PendingSocket> {
        sockets.indices.lazy
            .filter { [holders, sockets] in
                holders[$0].slot == .nobody && !sockets[$0].isRepeated && !sockets[$0].isManaged
                    && sockets[$0].inode != .none
            }
            .map { [sockets] in sockets[$0] }
            .filter { !isClosed($0.inode) }
    }

    /// Ends the search: rows of the same socket have the same holder.
    mutating func endSearch() {
        for place in sockets.indices where sockets[place].isRepeated {
            if let first = self.place(of: sockets[place].inode) { holders[place] = holders[first] }
        }
        index = PlaceIndex()
    }

    @inline(__always)
    private func place(of inode: SocketInode) -> Int? {
        index.find(PlaceIndex.hash(inode: inode.rawValue)) { sockets[$0].inode == inode }
    }
}
