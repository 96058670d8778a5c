/// An address and a port.
public struct TCPEndpoint: Hashable, Sendable {
    /// The 16 bytes of the address in network order, as two words in memory order; an IPv4 address
    /// is the first four bytes, the others are zero.
    public var address: (UInt64, UInt64)
    /// In host order.
    public var port: UInt16

    /// An endpoint of an address in memory order, and a port in host order.
    @inlinable public init(address: (UInt64, UInt64), port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Whether address and port are equal.
    public static func == (a: Self, b: Self) -> Bool {
        a.address == b.address && a.port == b.port
    }

    /// Hashes address and port.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(address.0)
        hasher.combine(address.1)
        hasher.combine(port)
    }
}
