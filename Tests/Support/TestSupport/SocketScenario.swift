/// Sockets in a state of TCP, and how ``HeldSockets`` brings the kernel to hold it.
///
/// Three facts do the work. A classic BPF filter on a socket (`SO_ATTACH_FILTER`) drops packets
/// before TCP sees them (`net/ipv4/tcp_ipv4.c`, `tcp_filter`), needs no right, and so makes a peer
/// that acknowledges nothing; the kernel repeats a FIN for minutes (`tcp_retries2`) while the
/// descriptor is open. `shutdown(SHUT_WR)` sends a FIN and keeps the descriptor. A descriptor that is
/// open keeps FIN_WAIT2 for ever (`tcp_fin_timeout` is for orphans).
package enum SocketScenario: String, CaseIterable, Sendable {
    /// A listener. Rows: listen.
    case listen

    /// A client that drops what it receives, so also the RST of the closed port that it connects to.
    /// Lasts about two minutes (`tcp_syn_retries`). Rows: syn_sent.
    case synSent

    /// A silent client of a listener with `TCP_DEFER_ACCEPT`: the handshake's last packet is dropped
    /// until data comes, so the server has but a request. Lasts half a minute at least. No
    /// descriptor. Rows: listen, syn_recv, established (the client).
    case synReceived

    /// A client of a listener that does not accept; the subject is the server's end, which has no
    /// descriptor and no inode yet. Rows: listen, established × 2.
    case notAccepted

    /// A client and the server's accepted end. Rows: established × 2.
    case established

    /// A connection between an IPv4 and an IPv6 socket; the family is the client's, which is the
    /// subject. The IPv6 end has IPv4-mapped addresses. Rows: established in each family.
    case dualStack

    /// A client that has finished, and whose peer drops its FIN. Rows: fin_wait1, established.
    case finWait1

    /// A client that has finished, and whose peer has not. Rows: fin_wait2, close_wait.
    case finWait2

    /// The other end of ``finWait2``. The same rows.
    case closeWait

    /// Both ends have finished, and only the client sees it: it has acknowledged the peer's FIN, and
    /// the peer drops all. Rows: closing, fin_wait1.
    case closing

    /// The peer has finished and then drops all, so also the FIN of the client, which finishes
    /// second. Rows: last_ack, fin_wait2.
    case lastAck

    /// A client that finished first, after its peer closed. Lasts 60 seconds
    /// (`TCP_TIMEWAIT_LEN`). No descriptor. Rows: time_wait.
    case timeWait

    /// A socket that is bound and neither listens nor connects. Dumps show it as close, and only
    /// where state bit 13 is asked for (Linux 6.8 or later); `/proc/net/tcp` never does.
    /// Rows: close.
    case bound

    /// ``finWait1`` whose program has closed the descriptor: no inode. The kernel gives up on orphans
    /// after about 100 seconds (`tcp_orphan_retries`). Rows: fin_wait1, established.
    case orphanedFinWait1

    /// ``finWait2`` whose program has closed the descriptor; the kernel replaces it by a timewait
    /// minisocket for 60 seconds (`tcp_fin_timeout`). Rows: fin_wait2, close_wait.
    case orphanedFinWait2

    /// How long each lasts, at least. A test that may take longer makes its sockets anew.
    package static let leastDuration: Duration = .seconds(30)
}
