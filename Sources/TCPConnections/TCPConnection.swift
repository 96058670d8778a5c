package import Procfs
public import SockDiag

/// One row of the kernel's TCP table: a connection, or a socket that may become one.
///
/// Public, as is what is asked of every row, and what it consists of: nothing less is compiled into the
/// loops of other modules, and a call for each question is a hundredth of a scrape.
public struct TCPConnection: Sendable {
    // The widest fields stand first: a row is copied on its way from the kernel, and the processor is
    // slow to read back in one piece what was written in several that do not line up.
    /// Where it is on this host.
    public var local: InetDiagEndpoint
    /// Where its other end is; zeros when it has none.
    package var remote: InetDiagEndpoint
    /// Unique for the socket's life, never used again.
    package var cookie: UInt64
    /// The cgroup that the socket was made in; an accepted one has its listener's.
    package var cgroup: CgroupID?
    /// The network interface that the socket is bound to, 0 for none: the scope of link-local
    /// addresses.
    package var interfaceIndex: UInt32 = 0
    /// Of a listener the length of its accept queue; else bytes received and not yet read.
    package var receiveQueue: UInt32
    /// Of a listener the limit of its accept queue; else bytes written and not yet acknowledged.
    package var sendQueue: UInt32
    package var userID: UInt32
    /// Nil when no descriptor refers to the socket: `time_wait`, `syn_recv`, orphans, and
    /// connections that nobody has accepted yet.
    package var inode: SocketInode?
    package var family: AddressFamily
    /// As the kernel told it.
    public var state: TCPState
    /// Kernel TLS on it; nil when there is none, or it was not asked for.
    public var tls: KernelTLS?

    /// Whether it is a listener. (A pattern, because `==` on a state is a call for each row.)
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
    /// - Throws: When family or state have values that were not asked for.
    @inline(__always)
    init(_ message: borrowing InetDiagMessage) throws(DecodeError) {
        guard let family = AddressFamily(kernelValue: message.family) else {
            throw .unknownValue(field: "idiag_family", value: Int(message.family))
        }
        guard let state = TCPState(kernelValue: message.state) else {
            throw .unknownValue(field: "idiag_state", value: Int(message.state))
        }
        let tls: KernelTLS? =
            switch message.upperLayerProtocol {
            case .tls(let info): KernelTLS(info)
            case .other, nil: nil
            }
        self.init(
            local: message.source, remote: message.destination, cookie: message.cookie,
            cgroup: message.cgroupID.map(CgroupID.init), interfaceIndex: message.interfaceIndex,
            receiveQueue: message.receiveQueue, sendQueue: message.sendQueue,
            userID: message.userID,
            inode: message.inode == 0 ? nil : SocketInode(rawValue: message.inode),
            family: family, state: state, tls: tls)
    }
}

extension AddressFamily {
    /// `AF_INET` and `AF_INET6`, `bits/socket.h`.
    @inline(__always)
    fileprivate init?(kernelValue: UInt8) {
        switch kernelValue {
        case 2: self = .ipv4
        case 10: self = .ipv6
        default: return nil
        }
    }
}

extension TCPState {
    /// `TCP_NEW_SYN_RECV` (12) and `TCP_BOUND_INACTIVE` (13) are told as the states they belong to by
    /// every kernel so far; should one tell them as they are, they mean the same.
    @inline(__always)
    fileprivate init?(kernelValue: UInt8) {
        switch kernelValue {
        case 12: self = .synRecv
        case 13: self = .close
        default: self.init(rawValue: kernelValue)
        }
    }
}
