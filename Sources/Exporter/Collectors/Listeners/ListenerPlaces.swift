import TCPModel

/// Where listeners are bound, and how many connections came in there.
///
/// Listeners are noted before the table is read, so that the order of its rows makes no difference.
struct ListenerPlaces {
    /// An address and port on an interface; equal for listeners that share them (`SO_REUSEPORT`).
    struct Place: Equatable {
        var address: (UInt64, UInt64)
        var port: UInt16
        var family: AddressFamily
        /// The interface that the listener is bound to; 0 for none.
        var interface: UInt32

        static func == (a: Self, b: Self) -> Bool {
            a.address == b.address && a.details == b.details
        }

        fileprivate var details: UInt64 {
            UInt64(port) | UInt64(family.rawValue) << 16 | UInt64(interface) << 32
        }
    }

    private var numbers = KeyNumbers<Place>()
    /// The connections that came in at each place, by state.
    private(set) var counts: [StateCounts] = []
    /// The ports of places that are bound to one address.
    private var addressPorts = PortSet()
    /// Whether an IPv6 listener is bound to all of IPv4, and to that alone.
    private var hasMappedWildcard = false

    mutating func removeAll() {
        numbers.removeAll()
        counts.removeAll(keepingCapacity: true)
        addressPorts.removeAll()
        hasMappedWildcard = false
    }

    /// The places, in the order of their numbers.
    var places: [Place] { numbers.keys }

    /// Whether no connection came in at a place.
    func isQuiet(_ place: Int) -> Bool {
        for index in counts[place].indices where counts[place][index] > 0 { return false }
        return true
    }

    /// Notes where a listener is bound.
    ///
    /// - Returns: The number of the place.
    @discardableResult
    mutating func note(_ local: TCPEndpoint, _ family: AddressFamily, interface: UInt32) -> Int {
        let number = numbers.number(
            of: Place(
                address: local.address, port: local.port, family: family, interface: interface))
        guard number == counts.count else { return number }
        counts.append(StateCounts(repeating: 0))
        if local.address == Self.mappedWildcard {
            hasMappedWildcard = true
        } else if local.address != (0, 0) {
            addressPorts.insert(local.port)
        }
        return number
    }

    /// Counts a connection if it came in at one of the places.
    @inline(__always)
    mutating func count(_ row: borrowing TCPConnection) {
        switch row.state {
        case .listen, .close, .synSent: return
        default: break
        }
        guard let number = place(of: row) else { return }
        counts[number][row.state.index] += 1
    }

    /// `::ffff:0.0.0.0` in memory order.
    private static let mappedWildcard = IPAddress.wildcard(.ipv4).mapped.words

    /// Where the listeners are bound that receive connections to the row's address: exactly there, else at
    /// the wildcard (`__inet_lookup_listener` in the kernel).
    @inline(__always)
    private func place(of row: borrowing TCPConnection) -> Int? {
        var place = Place(
            address: row.local.address, port: row.local.port, family: row.family,
            interface: row.interfaceIndex)
        if addressPorts.contains(place.port), let number = find(place) { return number }
        if hasMappedWildcard, row.localAddress.unmapped != nil {
            place.address = Self.mappedWildcard
            if let number = find(place) { return number }
        }
        place.address = (0, 0)
        if let number = find(place) { return number }
        return row.family == .ipv4 ? findDualStack(row) : nil
    }

    /// On this interface, else on any.
    @inline(__always)
    private func find(_ place: Place) -> Int? {
        if let number = numbers.find(place) { return number }
        guard place.interface != 0 else { return nil }
        var place = place
        place.interface = 0
        return numbers.find(place)
    }

    /// A connection of a dual-stack listener that was made an IPv4 socket (`IPV6_ADDRFORM`).
    private func findDualStack(_ row: borrowing TCPConnection) -> Int? {
        var place = Place(
            address: row.localAddress.mapped.words, port: row.local.port, family: .ipv6,
            interface: row.interfaceIndex)
        for address in [place.address, Self.mappedWildcard, (0, 0)] {
            place.address = address
            if let number = find(place) { return number }
        }
        return nil
    }
}

extension ListenerPlaces.Place: SeededHashable {
    @inline(__always)
    func hash(_ seed: HashSeed) -> UInt64 {
        seed.mix(seed.mix(address.0, address.1), details)
    }
}
