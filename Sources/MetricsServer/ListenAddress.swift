/// Where a server listens: `HOST:PORT`, `[IPv6]:PORT`, or `:PORT` for every address of the host.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The ways to name a place to listen.
    enum Endpoint: Sendable, Hashable {
        /// Every address of the host, IPv6 and IPv4.
        case everyAddress(port: UInt16)
        /// A numeric address in its canonical spelling, or a host name, resolved when listening.
        case host(String, port: UInt16)
    }

    let endpoint: Endpoint

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    /// The TCP port; 0 asks the kernel for any free one.
    package var port: UInt16 {
        switch endpoint {
        case .everyAddress(let port), .host(_, let port): port
        }
    }

    /// The text that `init(parsing:)` reads back.
    package var description: String {
        switch endpoint {
        case .everyAddress(let port): ":\(port)"
        case .host(let host, let port) where host.contains(":"): "[\(host)]:\(port)"
        case .host(let host, let port): "\(host):\(port)"
        }
    }
}
