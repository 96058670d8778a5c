package import TCPModel

/// Endpoints on the command line: a network, ports, or both.
package struct EndpointPattern: Hashable, Sendable, CustomStringConvertible {
    /// Nil is any address.
    package var network: IPNetwork?
    /// Nil is any port.
    package var ports: ClosedRange<UInt16>?
    /// As it was given.
    package var description: String

    /// Whether the endpoint is one of them.
    package func contains(_ address: IPAddress, _ port: UInt16) -> Bool {
        if let ports, !ports.contains(port) { return false }
        return network?.contains(address) ?? true
    }

    /// Reads `CIDR`, `CIDR:PORT`, `[CIDR]:PORT` or `:PORT`, the port as `PortNames` reads it.
    package init(_ text: some StringProtocol) throws(InvalidArgument) {
        description = String(text)
        let (address, port) = try Self.parts(text)
        if !address.isEmpty, address != "*" {
            guard let network = IPNetwork(text: address) else {
                throw InvalidArgument(
                    description: "'\(address)' is neither an IP address nor a network such as "
                        + "10.0.0.0/8 or 2001:db8::/32")
            }
            self.network = network
        }
        if let port, port != "*" { ports = try PortNames.ports(port) }
    }

    /// Colons are part of IPv6 addresses; brackets tell them apart.
    private static func parts(
        _ text: some StringProtocol
    ) throws(InvalidArgument) -> (String, String?) {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw InvalidArgument(description: "'\(text)' has no ']'")
            }
            let address = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return (address, nil) }
            // ss has the prefix length behind the bracket.
            if rest.first == "/", !rest.contains(":") { return (address + rest, nil) }
            guard rest.first == ":" else {
                throw InvalidArgument(
                    description: "only a port may follow ']' in '\(text)': use [CIDR]:PORT")
            }
            return (address, String(rest.dropFirst()))
        }
        guard let colon = text.firstIndex(of: ":"), !text[text.index(after: colon)...].contains(":")
        else { return (String(text), nil) }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}
