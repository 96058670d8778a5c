import TCPModel

/// The order of `GetTcpTable2`: local address, local port, remote address, remote port, each as a
/// number in host order; the families one after the other.
enum RowOrder {
    /// The places of the rows in that order.
    static func indices(_ connections: [TCPConnection]) -> [Int] {
        var keys = connections.indices.map { Key(connections[$0], at: $0) }
        // In place: a million keys are 48 MB.
        keys.sort()
        return keys.map { Int($0.index) }
    }

    private struct Key: Comparable {
        let local: UInt128
        let remote: UInt128
        let localPort: UInt16
        let remotePort: UInt16
        let family: AddressFamily
        let index: UInt32

        init(_ connection: TCPConnection, at index: Int) {
            local = connection.localAddress.number
            remote = connection.remoteAddress.number
            localPort = connection.localPort
            remotePort = connection.remotePort
            family = connection.family
            self.index = UInt32(index)
        }

        static func < (a: Key, b: Key) -> Bool {
            if a.family != b.family { return a.family.rawValue < b.family.rawValue }
            if a.local != b.local { return a.local < b.local }
            if a.localPort != b.localPort { return a.localPort < b.localPort }
            if a.remote != b.remote { return a.remote < b.remote }
            return a.remotePort < b.remotePort
        }
    }
}

extension IPAddress {
    /// The address as a number in host order. (Four words: IPv4 has the first 32 bits, and zeros.)
    package var number: UInt128 {
        UInt128(UInt64(bigEndian: words.0)) << 64 | UInt128(UInt64(bigEndian: words.1))
    }
}
