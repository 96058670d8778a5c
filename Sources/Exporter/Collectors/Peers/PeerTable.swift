package import TCPModel

/// The peers that somebody has named, by their networks.
///
/// Of several that an endpoint belongs to, the longest prefix wins, and of equal ones that with a port.
package struct PeerTable: Sendable {
    /// A network of a certain prefix, and a port; 0 is any.
    private struct Key: Hashable {
        var network: IPAddress
        var port: UInt16
    }

    /// Networks with prefixes of one length.
    private struct Level {
        var prefixLength: Int
        /// The number of the peer's name.
        var peers: [Key: Int]
    }

    /// The names, each once, in the order of their bytes.
    package let names: [String]
    /// Those of each family, the longest prefixes first. There are few, however many networks.
    private var ipv4: [Level] = []
    private var ipv6: [Level] = []

    /// No peers.
    package init() {
        names = []
    }

    /// - Throws: When a network has two names.
    package init(_ peers: [Peer]) throws(PeerError) {
        var numbers: [String: Int] = [:]
        let sorted = Set(peers.map(\.name)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for name in sorted { numbers[name] = numbers.count }
        names = sorted
        ipv4 = try Self.levels(peers.filter { $0.network.family == .ipv4 }, numbers)
        ipv6 = try Self.levels(peers.filter { $0.network.family == .ipv6 }, numbers)
    }

    package var isEmpty: Bool { names.isEmpty }

    /// The number of the peer's name; nil when the endpoint is nobody's. IPv4-mapped addresses are IPv4.
    package func peer(_ address: IPAddress, port: UInt16) -> Int? {
        let address = address.unmapped ?? address
        for level in address.family == .ipv4 ? ipv4 : ipv6 {
            var key = Key(network: address.prefix(level.prefixLength), port: port)
            if let peer = level.peers[key] { return peer }
            key.port = 0
            if let peer = level.peers[key] { return peer }
        }
        return nil
    }

    private static func levels(
        _ peers: [Peer], _ numbers: [String: Int]
    ) throws(PeerError) -> [Level] {
        var levels: [Int: Level] = [:]
        for peer in peers {
            let key = Key(network: peer.network, port: peer.port ?? 0)
            var level =
                levels[peer.prefixLength]
                ?? Level(
                    prefixLength: peer.prefixLength, peers: [:])
            let number = numbers[peer.name] ?? 0
            guard level.peers.updateValue(number, forKey: key) ?? number == number else {
                throw PeerError("two peers have the network of '\(peer.name)', \(peer.networkText)")
            }
            levels[peer.prefixLength] = level
        }
        return levels.values.sorted { $0.prefixLength > $1.prefixLength }
    }
}
