/// The state of a TCP connection, by the kernel's numbers (`include/net/tcp_states.h`).
public enum TCPState: UInt8, CaseIterable, Sendable {
    /// The kernel's `TCP_ESTABLISHED`.
    case established = 1
    /// `TCP_SYN_SENT`.
    case synSent = 2
    /// `TCP_SYN_RECV`; the kernel reports its `TCP_NEW_SYN_RECV` as this one too.
    case synRecv = 3
    /// `TCP_FIN_WAIT1`.
    case finWait1 = 4
    /// `TCP_FIN_WAIT2`.
    case finWait2 = 5
    /// `TCP_TIME_WAIT`.
    case timeWait = 6
    /// `TCP_CLOSE`: closed, or bound and not connected (`TCP_BOUND_INACTIVE`, Linux 6.8).
    case close = 7
    /// `TCP_CLOSE_WAIT`.
    case closeWait = 8
    /// `TCP_LAST_ACK`.
    case lastAck = 9
    /// `TCP_LISTEN`.
    case listen = 10
    /// `TCP_CLOSING`.
    case closing = 11

    /// The value of the label `state`, spelt as node_exporter spells it.
    public var label: StaticString {
        switch self {
        case .established: "established"
        case .synSent: "syn_sent"
        case .synRecv: "syn_recv"
        case .finWait1: "fin_wait1"
        case .finWait2: "fin_wait2"
        case .timeWait: "time_wait"
        case .close: "close"
        case .closeWait: "close_wait"
        case .lastAck: "last_ack"
        case .listen: "listen"
        case .closing: "closing"
        }
    }

    /// A dense index below `TCPState.count`.
    @inlinable package var index: Int { Int(rawValue) - 1 }

    /// How many states there are.
    @inlinable package static var count: Int { 11 }
}
