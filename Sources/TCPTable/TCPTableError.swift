public import SystemPackage
package import TCPModel

/// Why the table could not be read.
public enum TCPTableError: Error, Equatable, Sendable {
    /// This kernel has no TCP socket diagnostics (modules `inet_diag` and `tcp_diag`).
    case notSupported(Errno)
    /// A system call failed, or the kernel refused the request; the text says which.
    case failed(String, Errno)
    /// The kernel's answer lost messages, ended early or makes no sense; the text says how.
    case unreliable(String)

    package init(_ error: ConnectionSourceError) {
        self =
            switch error {
            case .unavailable(let errno): .notSupported(errno)
            case .systemCall(_, let errno), .refused(let errno): .failed("\(error)", errno)
            case .overrun, .datagramTooLong, .endedEarly, .flooded, .malformed:
                .unreliable("\(error)")
            }
    }
}

extension TCPTableError: CustomStringConvertible {
    /// What could not be read, and why.
    public var description: String {
        switch self {
        case .notSupported(let errno): "\(ConnectionSourceError.unavailable(errno))"
        case .failed(let text, _), .unreliable(let text): text
        }
    }
}
