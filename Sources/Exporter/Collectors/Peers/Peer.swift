package import TCPModel

/// A network of a named peer, and the port that is meant there.
package struct Peer: Equatable, Sendable {
    /// The value of the label `peer`.
    package var name: String
    /// The first address of the network.
    package var network: IPAddress
    /// How many bits of it count.
    package var prefixLength: Int
    /// Nil is any.
    package var port: UInt16?

    /// `10.0.0.0/8:5432`, `[2001:db8::/32]:5432`.
    var networkText: String {
        let text = "\(network)/\(prefixLength)"
        guard let port else { return text }
        return network.family == .ipv4 ? "\(text):\(port)" : "[\(text)]:\(port)"
    }
}

/// Why a peer's definition is refused: a sentence without its end.
package struct PeerError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
