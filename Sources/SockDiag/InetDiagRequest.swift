import CLinux
import Glibc

/// A request to dump TCP sockets, as bytes on the wire.
package struct InetDiagRequest: Equatable {
    /// Which sockets one walk of the kernel's table is to return.
    package enum Scope: Equatable, CaseIterable, Sendable {
        /// Both families in one walk: `TCPDIAG_GETSOCK` with family 0. The older request, still
        /// served, and a fifth cheaper a row than two walks.
        case everyFamily
        case ipv4
        case ipv6
    }

    /// What is asked of which sockets.
    package enum Subject: Equatable, CaseIterable, Sendable {
        /// All sockets, and of each what costs nothing.
        case everySocket
        /// Established ones, with `INET_DIAG_INFO`, with which alone the kernel tells of upper-layer
        /// protocols. The kernel then takes each socket's lock, and waits for whoever holds it: see
        /// `KernelTLSDump`. It doubles the cost of a row.
        case upperLayerProtocols
        /// Listeners, with `INET_DIAG_SKMEMINFO`, which has what they have dropped. The kernel reads it
        /// without the socket's lock, and passes over the table of connections.
        case listeners
    }

    /// Every state the kernel knows, `TCP_BOUND_INACTIVE` (13, Linux 6.8) included: bound and
    /// unconnected sockets, which older kernels leave out, whatever is asked.
    static let allStates: UInt32 = (1...13).reduce(0) { $0 | 1 << UInt32($1) }
    /// The states of a connection that can have kernel TLS, which is set up in `TCP_ESTABLISHED` and stays when
    /// an end closes its direction: `TCP_ESTABLISHED`, `TCP_FIN_WAIT1`, `TCP_FIN_WAIT2`, `TCP_CLOSE_WAIT`,
    /// `TCP_LAST_ACK` and `TCP_CLOSING`.
    static let kernelTLSStates: UInt32 = [1, 4, 5, 8, 9, 11].reduce(0) { $0 | 1 << $1 }

    /// `TCP_LISTEN`.
    static let listenState: UInt32 = 1 << 10

    var scope: Scope
    var sequence: UInt32
    var subject: Subject

    /// The whole netlink message.
    var bytes: [UInt8] {
        let body = scope == .everyFamily ? everyFamilyBody : familyBody
        let type = scope == .everyFamily ? CLINUX_TCPDIAG_GETSOCK : CLINUX_SOCK_DIAG_BY_FAMILY
        let flags = UInt16(NLM_F_REQUEST) | UInt16(NLM_F_ROOT) | UInt16(NLM_F_MATCH)
        var message = [UInt8](repeating: 0, count: Int(NLMSGHDR_BYTES))
        message.store(UInt32(message.count + body.count), at: Int(NLMSGHDR_LEN))
        message.store(UInt16(type), at: Int(NLMSGHDR_TYPE))
        message.store(flags, at: Int(NLMSGHDR_FLAGS))
        message.store(sequence, at: Int(NLMSGHDR_SEQ))
        return message + body
    }

    private var everyFamilyBody: [UInt8] {
        var body = [UInt8](repeating: 0, count: Int(INET_DIAG_REQ_BYTES))
        body.store(UInt8(AF_UNSPEC), at: Int(INET_DIAG_REQ_FAMILY))
        body.store(extensions, at: Int(INET_DIAG_REQ_EXT))
        body.store(states, at: Int(INET_DIAG_REQ_STATES))
        return body
    }

    private var familyBody: [UInt8] {
        var body = [UInt8](repeating: 0, count: Int(INET_DIAG_REQ_V2_BYTES))
        body.store(
            UInt8(scope == .ipv4 ? AF_INET : AF_INET6), at: Int(INET_DIAG_REQ_V2_FAMILY))
        body.store(UInt8(IPPROTO_TCP), at: Int(INET_DIAG_REQ_V2_PROTOCOL))
        body.store(extensions, at: Int(INET_DIAG_REQ_V2_EXT))
        body.store(states, at: Int(INET_DIAG_REQ_V2_STATES))
        return body
    }

    private var states: UInt32 {
        switch subject {
        case .everySocket: Self.allStates
        case .upperLayerProtocols: Self.kernelTLSStates
        case .listeners: Self.listenState
        }
    }

    private var extensions: UInt8 {
        switch subject {
        case .everySocket: 0
        case .upperLayerProtocols: 1 << (UInt8(CLINUX_INET_DIAG_INFO) - 1)
        case .listeners: 1 << (UInt8(CLINUX_INET_DIAG_SKMEMINFO) - 1)
        }
    }
}

extension [UInt8] {
    /// Writes a native-endian integer at `offset`, which lies within the array.
    fileprivate mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
        for index in 0..<(type(of: value).bitWidth / 8) {
            #if _endian(little)
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
            #else
            self[offset + index] = UInt8(truncatingIfNeeded: value.byteSwapped >> (8 * index))
            #endif
        }
    }
}
