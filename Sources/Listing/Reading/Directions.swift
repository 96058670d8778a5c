import TCPModel
import TCPTable

/// Who began a connection.
enum Direction: UInt8, CaseIterable {
    case listening
    /// It came in by a listener of this host.
    case incoming
    case outgoing

    var label: StaticString {
        switch self {
        case .listening: "listening"
        case .incoming: "incoming"
        case .outgoing: "outgoing"
        }
    }
}

/// Tells the direction of connections by the listeners of their table: a connection came in if somebody
/// listens where it ends on this host. One whose listener has closed since looks like an outgoing one.
struct Directions {
    private var ports = PortSet()
    private var places: Set<ListeningPlace> = []

    init(_ listeners: some Sequence<ListeningPlace>) {
        for listener in listeners {
            ports.insert(listener.local.port)
            places.insert(listener)
        }
    }

    init(_ listeners: [ListeningSocket]) {
        self.init(listeners.lazy.map { ListeningPlace(local: $0.local, family: $0.family) })
    }

    /// Nil of a socket that neither listens nor connects.
    func direction(of row: borrowing TCPConnection) -> Direction? {
        switch row.state {
        case .listen: .listening
        case .close: row.remote.port == 0 ? nil : .outgoing
        case .synSent: .outgoing
        case .synRecv: .incoming
        default: isListened(row) ? .incoming : .outgoing
        }
    }

    /// A listener is bound to the address, or to all of its family; an IPv4-mapped address may be one of
    /// IPv4's wildcard.
    private func isListened(_ row: borrowing TCPConnection) -> Bool {
        guard ports.contains(row.localPort) else { return false }
        var place = ListeningPlace(local: row.local, family: row.family)
        if places.contains(place) { return true }
        place.local.address = (0, 0)
        if places.contains(place) { return true }
        guard row.localAddress.unmapped != nil else { return false }
        place.local.address = IPAddress.wildcard(.ipv4).mapped.words
        return places.contains(place)
    }
}
