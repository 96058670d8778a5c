/// A way to find the processes that hold sockets.
///
/// A search goes through candidates in an order that the caller steers, and ends when he has seen
/// enough: `beginSearch` once, then `select` and `next` as often as needed.
package protocol SocketHolders: SendableMetatype {
    /// What the last search could not see.
    var visibility: HolderVisibility { get }

    /// How many descriptors the current search still has to look at, by their last known counts.
    var remainingDescriptorCount: Int64 { get }

    /// Tells that a table is read now and a search follows. What helps the search may be read meanwhile.
    mutating func readAhead()

    /// Starts a search among the processes that exist now.
    ///
    /// - Parameters:
    ///   - isChangeOnly: Leaves out processes whose number of descriptors has not changed since they were
    ///     last read to the end, where the kernel tells the number.
    ///   - last: Processes that hold sockets for others: they are read after all others.
    mutating func beginSearch(
        isChangeOnly: Bool, last: Set<ProcessID>
    ) throws(FileError)

    /// Decides which processes `next` reads from now on. Each process is read once in a search.
    mutating func select(_ candidates: HolderCandidates)

    /// Whether `next` returns what was read before: it takes no time.
    var isNextKnown: Bool { get }

    /// Reads some descriptors of the next candidate.
    ///
    /// - Parameter sockets: Holds the sockets that were found afterwards; it may come back empty.
    /// - Returns: The process that holds them; nil when no candidate is left.
    mutating func next(_ sockets: inout [HeldSocket]) -> ProcessIdentity?

    /// Ends the search: what only this one needed is freed. `visibility` goes on telling of it.
    mutating func endSearch()

    /// The descriptors of one process; nil when it is gone or may not be looked into.
    func descriptors(of process: ProcessID) -> (any DescriptorTable)?
}

extension SocketHolders {
    package var isNextKnown: Bool { false }

    package mutating func readAhead() {}

    package mutating func endSearch() {}
}

/// The descriptors of one process.
package protocol DescriptorTable {
    /// What a descriptor refers to; nil when it is free, or may not be looked at.
    subscript(descriptor: UInt32) -> DescriptorTarget? { get }
}

/// What a descriptor refers to.
package enum DescriptorTarget: Equatable, Sendable {
    case socket(SocketInode)
    /// An io_uring instance, with which sockets can be registered that have no descriptor.
    case ring
    case other
}

/// A socket, and the number of a descriptor that refers to it.
package struct HeldSocket: Equatable, Sendable {
    /// Marks the descriptor of an io_uring instance that the socket is registered with. (A descriptor's
    /// number has 31 bits.)
    package static let ringMark: UInt32 = 1 << 31

    package var inode: SocketInode
    package var descriptor: UInt32

    @inlinable package init(inode: SocketInode, descriptor: UInt32) {
        self.inode = inode
        self.descriptor = descriptor
    }
}

/// Which processes a search reads next.
///
/// Within each set the ancestors of a process come before it: a socket comes to a second process
/// mostly by inheritance, and the earliest started holder owns it.
package enum HolderCandidates {
    /// Those that no search has read yet, earliest started first.
    case new
    /// The given ones, as far as they had at most so many descriptors.
    case processes(Set<ProcessID>, descriptorsMax: Int64)
    /// All others, the likeliest first; those that hold sockets for others last.
    case all(HolderHints)
    /// Threads with descriptors of their own, and the living threads of processes whose main thread has
    /// ended.
    case threads
    /// The io_uring instances that were seen, for the sockets that are registered with them.
    case rings
}

/// What the holders of missing sockets are likely to have in common.
package struct HolderHints: Sendable {
    /// Processes in which other new sockets were found.
    package var busy: Set<ProcessID> = []
    /// Processes that hold sockets of the same cgroups.
    package var cgroupMembers: Set<ProcessID> = []
    /// The users who created the missing sockets.
    package var userIDs: Set<UInt32> = []

    package init() {}
}
