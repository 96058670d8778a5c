import TCPTable

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
    /// this address, else to the wildcard of its family. An IPv4 connection also finds a listener of
    /// a dual-stack socket, bound to `::` or to the mapped address.
    func owner(of address: IPAddress, port: UInt16, table: UInt16 = 0) -> Attribution? {
        guard let listeners = byPort[Port(table: table, number: port)] else { return nil }
        func bound(to candidate: IPAddress) -> Attribution? {
            listeners.first { $0.address == candidate }?.attribution
        }
        return bound(to: address)
            ?? address.unmapped.flatMap(bound)
            ?? bound(to: .wildcard(address.family))
            ?? bound(to: .wildcard(.ipv6))
    }
}
