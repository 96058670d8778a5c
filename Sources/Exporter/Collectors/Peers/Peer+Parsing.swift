import TCPModel

extension Peer {
    /// As long as other names may be.
    private static let nameByteCountMax = 128

    /// Reads `NAME=CIDR[:PORT]`. An address without a prefix length is one host; an IPv6 network with a port
    /// stands in brackets: `db=[2001:db8::/32]:5432`.
    package init(_ text: String) throws(PeerError) {
        guard let equals = text.firstIndex(of: "=") else {
            throw PeerError("'\(text)' has no '=': use NAME=CIDR[:PORT]")
        }
        let name = String(text[..<equals])
        guard !name.isEmpty, name.utf8.count <= Self.nameByteCountMax,
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw PeerError(
                "the name in '\(text)' must have 1 to \(Self.nameByteCountMax) bytes and no control "
                    + "characters")
        }
        let (cidr, port) = try Self.parts(text[text.index(after: equals)...], of: text)
        let (network, prefixLength) = try Self.network(cidr, of: text)
        self.init(
            name: name, network: network, prefixLength: prefixLength,
            port: try port.map { (port) throws(PeerError) in try Self.port(port, of: text) })
    }

    /// Network and port. Colons are part of IPv6 addresses; brackets tell them apart.
    private static func parts(
        _ rest: Substring, of text: String
    ) throws(PeerError) -> (Substring, Substring?) {
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else {
                throw PeerError("'\(text)' has no ']'")
            }
            let cidr = rest[rest.index(after: rest.startIndex)..<end]
            let behind = rest[rest.index(after: end)...]
            if behind.isEmpty { return (cidr, nil) }
            guard behind.first == ":" else {
                throw PeerError("only a port may follow ']' in '\(text)': use [CIDR]:PORT")
            }
            return (cidr, behind.dropFirst())
        }
        guard let colon = rest.firstIndex(of: ":"), colon == rest.lastIndex(of: ":") else {
            return (rest, nil)
        }
        return (rest[..<colon], rest[rest.index(after: colon)...])
    }

    private static func network(
        _ cidr: Substring, of text: String
    ) throws(PeerError) -> (IPAddress, Int) {
        let parts = cidr.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(text: String(parts[0])) else {
            throw PeerError("'\(parts[0])' in '\(text)' is not an IP address")
        }
        let bitCount = address.family == .ipv4 ? 32 : 128
        var prefixLength = bitCount
        if parts.count > 1 {
            guard let length = Int(decimal: parts[1]), length <= bitCount else {
                throw PeerError("the prefix length in '\(text)' must be between 0 and \(bitCount)")
            }
            prefixLength = length
        }
        guard address.prefix(prefixLength) == address else {
            throw PeerError(
                "'\(text)' has address bits beyond its prefix: use "
                    + "\(address.prefix(prefixLength))/\(prefixLength)")
        }
        guard prefixLength >= 96, let unmapped = address.unmapped else {
            return (address, prefixLength)
        }
        return (unmapped, prefixLength - 96)
    }

    private static func port(_ digits: Substring, of text: String) throws(PeerError) -> UInt16 {
        guard let port = UInt16(decimal: digits), port > 0 else {
            throw PeerError("the port in '\(text)' must be between 1 and 65535")
        }
        return port
    }
}
