import CIPHelper
import TCPTable

// The columns of a row as C values.

extension TCPState {
    /// Windows' number of the state.
    var code: MIB_TCP_STATE {
        switch self {
        case .close: MIB_TCP_STATE_CLOSED
        case .listen: MIB_TCP_STATE_LISTEN
        case .synSent: MIB_TCP_STATE_SYN_SENT
        case .synRecv: MIB_TCP_STATE_SYN_RCVD
        case .established: MIB_TCP_STATE_ESTAB
        case .finWait1: MIB_TCP_STATE_FIN_WAIT1
        case .finWait2: MIB_TCP_STATE_FIN_WAIT2
        case .closeWait: MIB_TCP_STATE_CLOSE_WAIT
        case .closing: MIB_TCP_STATE_CLOSING
        case .lastAck: MIB_TCP_STATE_LAST_ACK
        case .timeWait: MIB_TCP_STATE_TIME_WAIT
        }
    }
}

extension OffloadState {
    /// Windows' number of the state.
    var code: TCP_CONNECTION_OFFLOAD_STATE {
        switch self {
        case .inHost: TcpConnectionOffloadStateInHost
        case .offloading: TcpConnectionOffloadStateOffloading
        case .offloaded: TcpConnectionOffloadStateOffloaded
        case .uploading: TcpConnectionOffloadStateUploading
        }
    }
}

extension UInt16 {
    /// A port in network byte order, in the low 16 bits.
    var inNetworkOrder: DWORD { DWORD(bigEndian) }
}

extension IPAddress {
    /// The four bytes of an IPv4 address, in network byte order.
    var ipv4: DWORD {
        unsafe withUnsafeBytes(of: words) { unsafe $0.load(as: DWORD.self) }
    }

    /// The sixteen bytes of an IPv6 address.
    var ipv6: IN6_ADDR {
        unsafe withUnsafeBytes(of: words) { unsafe $0.load(as: IN6_ADDR.self) }
    }
}

extension TCPRow {
    /// The ID of the process that holds the socket; 0 if none is visible.
    var owningProcessID: DWORD { process.map { DWORD($0.id) } ?? 0 }

    /// The offload state; `InHost` if unknown, because Windows has no value for that.
    var offloadStateCode: TCP_CONNECTION_OFFLOAD_STATE { (offloadState ?? .inHost).code }

    var localScope: DWORD { localAddress.isLinkLocal ? interfaceIndex : 0 }
    var remoteScope: DWORD { remoteAddress.isLinkLocal ? interfaceIndex : 0 }
}
