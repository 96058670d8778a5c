package import SystemPackage

/// Why the TCP table could not be read.
package enum ConnectionSourceError: Error, Equatable, Sendable {
    /// A system call on the netlink socket failed.
    case systemCall(StaticText, Errno)
    /// The kernel answered the request with an error.
    case refused(Errno)
    /// The kernel has no TCP socket diagnostics: the modules `inet_diag` and `tcp_diag`.
    case unavailable(Errno)
    /// Messages were lost (`ENOBUFS`, `NLMSG_OVERRUN`), in the last attempt too.
    case overrun(attempts: Int)
    /// A datagram did not fit the buffer, which holds the most that a kernel sends at once.
    case datagramTooLong(byteCount: Int)
    /// The reply ended before the dump did.
    case endedEarly
    /// Datagrams that do not belong to the reply kept arriving.
    case flooded
    /// The reply does not consist of netlink messages.
    case malformed(DecodeError)
}

extension ConnectionSourceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .systemCall(let name, let errno):
            "\(name) on a sock_diag netlink socket failed: \(errno)"
        case .refused(let errno):
            "the kernel refused to dump its TCP sockets: \(errno)"
        case .unavailable(let errno):
            "this kernel has no TCP socket diagnostics (modules inet_diag, tcp_diag): \(errno)"
        case .overrun(let attempts):
            "the dump of TCP sockets lost messages in each of \(attempts) attempts"
        case .datagramTooLong(let byteCount):
            "the kernel sent a datagram of \(byteCount) bytes, more than the buffer holds"
        case .endedEarly:
            "the dump of TCP sockets ended before its last message"
        case .flooded:
            "datagrams that do not belong to the dump kept arriving on the netlink socket"
        case .malformed(let error):
            "the dump of TCP sockets cannot be decoded: \(error)"
        }
    }
}
