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
}

/// The sockets whose holders are looked for in one scrape, by inode number.
struct WantedSockets {
    private(set) var waiting: [WaitingSocket] = []
    /// How many have no holder yet.
    private(set) var remaining = 0

    /// Those that were closed since the table was read.
    private var gone: Set<SocketInode> = []
    /// The holder of each, and the descriptor it holds it by.
    private var holders: [(OwnerSlot, UInt32)] = []
    /// An open-addressing table: the index into `waiting`, one added, by the inode's hash; 0 is free.
    private var places: [UInt32] = []

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
        holders = Array(repeating: (.nobody, 0), count: waiting.count)
        var capacity = 16
        while capacity < waiting.count * 2 { capacity *= 2 }
        places = Array(repeating: 0, count: capacity)
        remaining = 0
        for (index, socket) in waiting.enumerated() {
            let place = place(of: socket.inode)
            guard places[place] == 0 else { continue }
            places[place] = UInt32(index + 1)
            remaining += 1
        }
    }

    /// Notes a holder, if the socket is wanted and has none; the first one counts.
    mutating func found(_ inode: SocketInode, in holder: OwnerSlot, by descriptor: UInt32) {
        guard isMissing(inode), let index = indexOfFirst(inode) else { return }
        holders[index] = (holder, descriptor)
        remaining -= 1
    }

    /// Ends the search for a socket that is closed by now.
    mutating func giveUp(_ inode: SocketInode) {
        guard isMissing(inode) else { return }
        gone.insert(inode)
        remaining -= 1
    }

    /// Whether the socket is looked for and has no holder yet.
    func isMissing(_ inode: SocketInode) -> Bool {
        guard let index = indexOfFirst(inode) else { return false }
        return holders[index].0 == .nobody && !isGone(inode)
    }

    /// Whether the socket was closed since the table was read.
    func isGone(_ inode: SocketInode) -> Bool {
        gone.isEmpty ? false : gone.contains(inode)
    }

    /// Who holds the socket, and by which descriptor.
    func holder(of inode: SocketInode) -> (OwnerSlot, UInt32) {
        indexOfFirst(inode).map { holders[$0] } ?? (.nobody, 0)
    }

    private func indexOfFirst(_ inode: SocketInode) -> Int? {
        let place = places[place(of: inode)]
        return place == 0 ? nil : Int(place) - 1
    }

    /// Where the inode is, or the free place where it belongs.
    private func place(of inode: SocketInode) -> Int {
        let mask = places.count - 1
        var index = Int(inode.rawValue &* 0x9E37_79B1) & mask
        while places[index] != 0, waiting[Int(places[index]) - 1].inode != inode {
            index = (index + 1) & mask
        }
        return index
    }
}
