import Procfs
package import TCPConnections

/// Whose a connection is, or why that cannot be told.
package enum Attribution: Equatable, Sendable {
    case module(ModuleIndex)
    case unattributed(UnattributedReason)
}

/// Connections of one state and offload state, counted.
package struct ConnectionTally: Equatable, Sendable {
    /// Which table of the scrape they are from: each network namespace has its own.
    package var table: UInt16
    package var state: TCPState
    package var offloadState: OffloadState
    package var count: UInt64
    /// Sums of bytes; of listeners, sums of connections.
    package var receiveQueue: UInt64
    package var sendQueue: UInt64

    /// One connection.
    init(_ connection: borrowing TCPConnection, table: UInt16) {
        self.table = table
        state = connection.state
        offloadState = connection.offloadState
        count = 1
        receiveQueue = UInt64(connection.receiveQueue)
        sendQueue = UInt64(connection.sendQueue)
    }

    init(_ socket: WaitingSocket) {
        table = socket.table
        state = socket.state
        offloadState = socket.offloadState
        count = 1
        receiveQueue = UInt64(socket.receiveQueue)
        sendQueue = UInt64(socket.sendQueue)
    }
}

/// A listener with its owner.
package struct AttributedListener: Sendable {
    package var address: IPAddress
    package var port: UInt16
    /// The accept queue's length and limit, as the queues of one connection.
    package var tally: ConnectionTally
    package var attribution: Attribution
}

/// A listener that waits for its owner.
struct ListeningSocket {
    var address: IPAddress
    var port: UInt16
    var socket: WaitingSocket
    /// Whether anybody asked, or others' owners only are found by it.
    var isOwnerWanted: Bool
    var owner: RememberedOwner
}

/// What is remembered of a socket's owner.
enum RememberedOwner: Equatable {
    case known(Attribution, OwnerSlot)
    /// An earlier search has not found its holder.
    case unseen
    /// Nothing, or what is to be verified: the holder is to be looked for.
    case wanted(isRemembered: Bool)
}

/// Connections without a holder that share all that decides about them.
struct UnheldConnections: Hashable {
    enum Why: Hashable {
        /// No descriptor refers to the socket, and none did: it came in by this address.
        case notAccepted(IPAddress, UInt16)
        /// Its program has closed it.
        case orphaned
        /// It was closed since the table was read.
        case gone
        /// It has a descriptor, and an earlier search did not find it.
        case unseen
        /// It has a descriptor, and the search of this scrape did not find it.
        case missing
    }

    var table: UInt16
    var why: Why
    var cgroup: CgroupID?
    var state: TCPState
    var offloadState: OffloadState
}
