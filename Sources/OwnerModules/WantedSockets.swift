import Procfs
import TCPConnections

/// A row whose holder is looked for. Thirty-two bytes: at the first scrape every socket of the host waits
/// here.
struct WaitingSocket {
    var cookie: UInt64
    var inode: SocketInode
    var receiveQueue: UInt32
    var sendQueue: UInt32
    var userID: UInt32
    /// An index into the cgroups of the scrape.
    var cgroup: UInt16
    /// Which table of the scrape it is from.
    var table: UInt16
    var state: TCPState
    var offloadState: OffloadState
    /// Whether there is an answer, which is to be verified.
    var isRemembered = false
    /// Whether an earlier row is of the same socket.
    fileprivate(set) var isRepeated = false
}

/// The sockets whose holders are looked for in one scrape, by inode number.
struct WantedSockets {
    private(set) var waiting: [WaitingSocket] = []
    /// Who holds each of those waiting, and by which descriptor; known when the search is at its end.
    private(set) var holders: [(slot: OwnerSlot, descriptor: UInt32)] = []
    /// How many have no holder yet.
    private(set) var remaining = 0

    /// A socket and who holds it, by which descriptor.
    private struct Place {
        /// 0 when the place is free.
        var inode: UInt32 = 0
        var holder = OwnerSlot.nobody
        var descriptor: UInt32 = 0
        /// An index into `waiting`: its first row.
        var row: UInt32 = 0
    }

    /// Those that were closed since the table was read.
    private var gone: Set<SocketInode> = []
    /// An open-addressing table by inode, at most half full.
    private var places: [Place] = []

    mutating func removeAll() {
        waiting.removeAll(keepingCapacity: false)
        holders.removeAll(keepingCapacity: false)
        places.removeAll(keepingCapacity: false)
        gone.removeAll()
        remaining = 0
    }

    mutating func append(_ socket: WaitingSocket) {
        waiting.append(socket)
    }

    /// Forgets what was appended last, down to `count` sockets.
    mutating func truncate(to count: Int) {
        waiting.removeLast(waiting.count - count)
    }

    /// Prepares the search, when all are there. A row seen twice in a dump is looked for once.
    mutating func index() {
        var capacity = 16
        while capacity < waiting.count * 2 { capacity *= 2 }
        places = Array(repeating: Place(), count: capacity)
        remaining = 0
        for (row, socket) in waiting.enumerated() where socket.inode.rawValue != 0 {
            let place = place(of: socket.inode)
            guard places[place].inode == 0 else { continue }
            places[place].inode = socket.inode.rawValue
            places[place].row = UInt32(row)
            remaining += 1
        }
    }

    /// Notes a holder, if the socket is wanted and has none; the first one counts.
    ///
    /// - Parameter holder: Called for a missing socket only.
    @inline(__always)
    mutating func found(_ inode: SocketInode, by descriptor: UInt32, in holder: () -> OwnerSlot) {
        guard let place = missingPlace(of: inode) else { return }
        places[place].holder = holder()
        places[place].descriptor = descriptor
        remaining -= 1
    }

    /// Ends the search for a socket that is closed by now.
    mutating func giveUp(_ inode: SocketInode) {
        guard isMissing(inode) else { return }
        gone.insert(inode)
        remaining -= 1
    }

    /// Whether the socket is looked for and has no holder yet.
    func isMissing(_ inode: SocketInode) -> Bool { missingPlace(of: inode) != nil }

    /// Those looked for that have no holder yet.
    var missing: some Sequence<WaitingSocket> {
        places.lazy.filter { $0.inode != 0 && $0.holder == .nobody }
            .map { waiting[Int($0.row)] }
            .filter { !isGone($0.inode) }
    }

    /// Whether the socket was closed since the table was read.
    func isGone(_ inode: SocketInode) -> Bool {
        gone.isEmpty ? false : gone.contains(inode)
    }

    /// Ends the search: a look-up a row, for all who ask of rows in their order.
    mutating func settle() {
        holders.reserveCapacity(waiting.count)
        for row in waiting.indices {
            let inode = waiting[row].inode
            let found = places[place(of: inode)]
            if found.inode != 0, found.row != row { waiting[row].isRepeated = true }
            holders.append((found.holder, found.descriptor))
        }
    }

    /// Who holds the socket, and by which descriptor.
    func holder(of inode: SocketInode) -> (slot: OwnerSlot, descriptor: UInt32) {
        let found = places[place(of: inode)]
        return found.inode == inode.rawValue ? (found.holder, found.descriptor) : (.nobody, 0)
    }

    private func missingPlace(of inode: SocketInode) -> Int? {
        guard inode.rawValue != 0 else { return nil }
        let place = place(of: inode)
        guard places[place].inode == inode.rawValue, places[place].holder == .nobody, !isGone(inode)
        else { return nil }
        return place
    }

    /// Where the inode is, or the free place where it belongs.
    ///
    /// Four inodes that follow each other share a line of the processor's cache, for so a process got
    /// them, and so its descriptors give them: a search goes through memory in steps, not in leaps.
    private func place(of inode: SocketInode) -> Int {
        let mask = places.count - 1
        let hash = UInt64(inode.rawValue >> 2) &* 0x9E37_79B9_7F4A_7C15
        var index = (Int(hash >> 32) << 2 | Int(inode.rawValue & 3)) & mask
        while places[index].inode != inode.rawValue, places[index].inode != 0 {
            index = (index + 1) & mask
        }
        return index
    }
}
