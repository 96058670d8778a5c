import TCPModel

/// The owners of listeners by address and port, to find the owner of connections that no program has
/// accepted yet.
struct ListenerIndex {
    private struct Place: Hashable {
        var table: UInt16
        var port: UInt16
        var address: IPAddress
    }

    private var owners: [Place: Owner] = [:]

    /// Adds a listener; of several at one place the first counts.
    mutating func add(_ address: IPAddress, port: UInt16, table: UInt16 = 0, _ owner: Owner) {
        let place = Place(table: table, port: port, address: address)
        if owners[place] == nil { owners[place] = owner }
    }

    /// The owner of the listener that a connection to the address came in by: the one bound to exactly
    /// this address, else to the wildcard. IPv4 connections reach a dual-stack socket at the mapped
    /// address, and then have its family; a listener of the other family is better than none.
    func owner(of address: IPAddress, port: UInt16, table: UInt16 = 0) -> Owner? {
        for candidate in address.listening {
            let place = Place(table: table, port: port, address: candidate)
            if let owner = owners[place] { return owner }
        }
        return nil
    }
}

extension IPAddress {
    /// What a listener may be bound to that receives connections to this address, the best first.
    fileprivate var listening: [IPAddress] {
        let mappedWildcard = IPAddress.wildcard(.ipv4).mapped
        if family == .ipv4 {
            return [self, .wildcard(.ipv4), mapped, mappedWildcard, .wildcard(.ipv6)]
        }
        guard let unmapped else { return [self, .wildcard(.ipv6)] }
        return [self, mappedWildcard, .wildcard(.ipv6), unmapped, .wildcard(.ipv4)]
    }

    /// The IPv4-mapped IPv6 address of this IPv4 address.
    private var mapped: IPAddress {
        let low = 0xFFFF << 32 | UInt64(bigEndian: words.0) >> 32
        return IPAddress(family: .ipv6, words: (0, UInt64(bigEndian: low)))
    }
}
