package import SystemPackage
package import TCPTable

/// Why a listing ended early.
package enum ListingError: Error, Equatable, CustomStringConvertible {
    case table(TCPTableError)
    /// The reader of the output closed it, as `head` does: the exit status is 0.
    case outputClosed
    case output(Errno)
    case signals(Errno)
    /// The network namespaces that were asked for cannot be read; the text says why.
    case namespace(String)
    /// Offload states were asked for, and the kernel hides them; the text says from whom.
    case offloadHidden(String)

    package var description: String {
        switch self {
        case .table(let error): "cannot read the TCP table: \(error)"
        case .outputClosed, .output(.brokenPipe): "standard output is closed"
        case .output(let errno): "cannot write to standard output: \(errno)"
        case .offloadHidden(let problem), .namespace(let problem): problem
        case .signals(let errno): "cannot wait for signals: \(errno)"
        }
    }
}
