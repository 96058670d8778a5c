/// One row of the kernel's TCP table: a connection, or a socket that may become one.
///
/// The members are public because the optimizer inlines nothing less into the loops of other modules,
/// and a call for each member of each row would cost a hundredth of a scrape.
public struct TCPConnection: Equatable, Sendable {
    // The widest fields come first: rows are copied, and the processor is slow to read back in one
    // piece what was written in several pieces that do not line up.
    /// The address and port on this host.
    public var local: TCPEndpoint
    /// The other end's address and port; zeros when there is none.
    public var remote: TCPEndpoint
    /// Identifies the socket for its whole life; the kernel never reuses it.
    public var cookie: UInt64
    /// The cgroup that the socket was created in; an accepted socket has its listener's.
    public var cgroup: CgroupID?
    /// The network interface that the socket is bound to, 0 for none: the scope of link-local
    /// addresses.
    public var interfaceIndex: UInt32
    /// Bytes received and not yet read; for a listener, the length of its accept queue.
    public var receiveQueue: UInt32
    /// Bytes written and not yet acknowledged; for a listener, the limit of its accept queue.
    public var sendQueue: UInt32
    /// The user who created the socket.
    public var userID: UInt32
    /// Nil when no descriptor refers to the socket: `time_wait`, `syn_recv`, orphans, and
    /// connections that no program has accepted yet.
    public var inode: SocketInode?
    /// The socket's own family.
    public var family: AddressFamily
    /// The state, as the kernel reports it.
    public var state: TCPState
    /// Kernel TLS on the connection; nil when there is none, or it was not asked for.
    public var tls: KernelTLS?

    /// A row with these members.
    @inlinable package init(
        local: TCPEndpoint, remote: TCPEndpoint, cookie: UInt64, cgroup: CgroupID? = nil,
        interfaceIndex: UInt32 = 0, receiveQueue: UInt32 = 0, sendQueue: UInt32 = 0,
        userID: UInt32 = 0, inode: SocketInode? = nil, family: AddressFamily, state: TCPState,
        tls: KernelTLS? = nil
    ) {
        self.local = local
        self.remote = remote
        self.cookie = cookie
        self.cgroup = cgroup
        self.interfaceIndex = interfaceIndex
        self.receiveQueue = receiveQueue
        self.sendQueue = sendQueue
        self.userID = userID
        self.inode = inode
        self.family = family
        self.state = state
        self.tls = tls
    }

    /// Whether the socket is a listener. (A pattern, because `==` on a state would be a call per row.)
    @inlinable public var isListener: Bool {
        if case .listen = state { return true }
        return false
    }

    /// Who moves its bytes.
    @inlinable public var offloadState: OffloadState { OffloadState(tls) }

    /// In host order.
    @inlinable public var localPort: UInt16 { local.port }
    /// In host order.
    package var remotePort: UInt16 { remote.port }

    package var localAddress: IPAddress { IPAddress(family: family, words: local.address) }
    package var remoteAddress: IPAddress { IPAddress(family: family, words: remote.address) }
}

extension TCPConnection {
    /// Whether the connection waits in a listener's queues. A socket without a descriptor that was
    /// accepted once is an orphan, and orphans are past these states.
    @inlinable package var isNotAccepted: Bool {
        guard inode == nil else { return false }
        switch state {
        case .synRecv, .established, .closeWait: return true
        default: return false
        }
    }
}
