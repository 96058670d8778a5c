package import SystemPackage

/// Why the kernel's TCP table could not be read.
package enum SockDiagError: Error, Equatable, Sendable {
    /// A system call failed.
    case systemCall(StaticText, Errno)
    /// The kernel answered the request with an error.
    case refused(Errno)
    /// The kernel has no TCP socket diagnostics: the modules `inet_diag` and `tcp_diag`.
    case unavailable(Errno)
    /// The answer lost messages on its way (`ENOBUFS`, `NLMSG_OVERRUN`), at the last attempt too.
    case overrun(attempts: Int)
    /// A datagram did not fit the buffer, which holds all that a kernel sends at once.
    case datagramTooLong(byteCount: Int)
    /// The answer ended before the dump did.
    case endedEarly
    /// Datagrams that are not the kernel's answer kept arriving.
    case flooded
    /// The answer is not what netlink messages look like.
    case malformed(DecodeError)
}

extension SockDiagError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .systemCall(let name, let errno):
            "\(name) on a sock_diag netlink socket failed: \(errno)"
        case .refused(let errno):
            "the kernel refused to dump its TCP sockets: \(errno)"
        case .unavailable(let errno):
            "this kernel has no TCP socket diagnostics (modules inet_diag, tcp_diag): \(errno)"
        case .overrun(let attempts):
            "the kernel's dump of TCP sockets lost messages at the last of \(attempts) attempts"
        case .datagramTooLong(let byteCount):
            "the kernel sent a datagram of \(byteCount) bytes, more than the buffer holds"
        case .endedEarly:
            "the kernel's dump of TCP sockets ended before its last message"
        case .flooded:
            "datagrams that are not the kernel's answer kept arriving on the netlink socket"
        case .malformed(let error):
            "the kernel's dump of TCP sockets cannot be decoded: \(error)"
        }
    }
}
