package import SystemPackage
package import TCPTable

/// Why a listing ends before its time.
package enum ListingFailure: Error, Equatable, CustomStringConvertible {
    case table(TCPTableError)
    /// Whoever read the output has seen enough: no failure to speak of.
    case closed
    case output(Errno)
    case signals(Errno)
    /// What was asked for is what the kernel hides; the text says from whom.
    case hidden(String)

    package var description: String {
        switch self {
        case .table(let error): "cannot read the TCP table: \(error)"
        case .closed, .output(.brokenPipe): "standard output is closed"
        case .output(let errno): "cannot write to standard output: \(errno)"
        case .hidden(let problem): problem
        case .signals(let errno): "cannot wait for signals: \(errno)"
        }
    }
}
