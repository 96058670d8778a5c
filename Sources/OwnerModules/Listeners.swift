import TCPConnections

/// Who listens where, to find the owner of connections that nobody has accepted yet.
struct Listeners {
    private struct Listener {
        var address: IPAddress
        var attribution: Attribution
    }

    /// A port of one network namespace.
    private struct Port: Hashable {
        var table: UInt16
        var number: UInt16
    }

    private var byPort: [Port: [Listener]] = [:]

    mutating func add(
        _ address: IPAddress, port: UInt16, table: UInt16 = 0, _ attribution: Attribution
    ) {
        byPort[Port(table: table, number: port), default: []].append(
            Listener(address: address, attribution: attribution))
    }

    /// The owner of the listener that a connection to the address came in by: the one bound to just
    /// this address, else to the wildcard. IPv4 connections come to a dual-stack socket at the mapped
    /// address, and have its family then; a listener of the other family is better than none.
    func owner(of address: IPAddress, port: UInt16, table: UInt16 = 0) -> Attribution? {
        guard let listeners = byPort[Port(table: table, number: port)] else { return nil }
        for candidate in address.listening {
            let listener = listeners.first { $0.address == candidate }
            if let listener { return listener.attribution }
        }
        return nil
    }
}

extension IPAddress {
    /// What a listener may be bound to that connections to this address come in by, the best first.
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
