/// Where a server listens: `HOST:PORT`, `[IPv6]:PORT`, `:PORT` for every address of the host, or
/// `unix:PATH`; or a socket that listens already.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The ways to name a place to listen.
    enum Endpoint: Sendable, Hashable {
        /// Every address of the host, IPv6 and IPv4.
        case everyAddress(port: UInt16)
        /// A numeric address in its canonical spelling, or a host name, resolved when listening.
        case host(String, port: UInt16)
        /// A socket file, made when listening with these permission bits.
        case unix(UnixSocketPath, mode: UInt16)
        /// A listening socket that whoever started the process has opened.
        case inherited(descriptor: CInt)
    }

    let endpoint: Endpoint

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    /// The TCP port; 0 asks the kernel for any free one. Nil where there is none.
    package var port: UInt16? {
        switch endpoint {
        case .everyAddress(let port), .host(_, let port): port
        case .unix, .inherited: nil
        }
    }

    /// The text that `init(parsing:)` reads back, unless it is an inherited socket's.
    package var description: String {
        switch endpoint {
        case .everyAddress(let port): ":\(port)"
        case .host(let host, let port) where host.contains(":"): "[\(host)]:\(port)"
        case .host(let host, let port): "\(host):\(port)"
        // A path may itself hold what looks like a mode.
        case .unix(let path, UnixSocketPath.defaultMode) where !path.text.contains(",mode="):
            "unix:\(path.text)"
        case .unix(let path, let mode): "unix:\(path.text),mode=0\(String(mode, radix: 8))"
        case .inherited(let descriptor): "inherited descriptor \(descriptor)"
        }
    }
}
