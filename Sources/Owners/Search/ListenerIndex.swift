import TCPModel

/// Listeners by address, port and interface, to find the owner of connections that no program has
/// accepted yet.
///
/// A listener is a candidate and no answer: several can share a place (`SO_REUSEPORT`), and a connection
/// can arrive at a listener elsewhere (TPROXY, BPF's sk_lookup). Of candidates with different owners the
/// cgroup that an accepted socket has from its listener decides, or the lengths of the accept queues;
/// where they do not, the owner is ambiguous.
struct ListenerIndex {
    /// A listener that connections may be attributed to.
    struct Listener {
        var place: Place
        var owner: Owner
        var cgroup: CgroupID?
        /// How many connections wait in its accept queue.
        var queueLength: UInt32
    }

    /// Where a listener is bound, or a connection arrived.
    struct Place: Hashable {
        var table: UInt16
        var address: IPAddress
        var port: UInt16
        /// The interface that the socket is bound to; 0 for none.
        var interface: UInt32
    }

    /// Connections that wait for one of the listeners at a place.
    struct Arrival {
        var place: Place
        var cgroup: CgroupID?
        /// How many wait in an accept queue; of the others the handshake is not complete.
        var queuedCount: UInt64
    }

    /// Owners taken together.
    private enum Merged: Equatable {
        case none
        case one(Owner)
        case several

        mutating func add(_ owner: Owner) {
            switch self {
            case .none: self = .one(owner)
            case .one(let known): if known != owner { self = .several }
            case .several: break
            }
        }
    }

    /// All listeners at one place. Of each kind of evidence only what it decides is kept, so that a
    /// look-up costs the same however many listeners share the place.
    private struct Candidates {
        var owners = Merged.none
        var queuedOwners = Merged.none
        var ownersByCgroup: [CgroupID: Merged] = [:]
        var isCgroupKnown = true
        var queueLength: UInt64 = 0
        /// How many connections arrived here, by their address and port.
        var arrivedCount: UInt64 = 0

        mutating func add(_ listener: Listener) {
            owners.add(listener.owner)
            queueLength += UInt64(listener.queueLength)
            if listener.queueLength > 0 { queuedOwners.add(listener.owner) }
            if let cgroup = listener.cgroup {
                ownersByCgroup[cgroup, default: .none].add(listener.owner)
            } else {
                isCgroupKnown = false
            }
        }
    }

    private var candidates: [Place: Candidates] = [:]
    /// Tables in which more connections wait in some accept queue than arrived at its listener's place:
    /// others were redirected to it.
    private var redirectedTables: Set<UInt16> = []

    init(_ listeners: [Listener], _ arrivals: [Arrival]) {
        for listener in listeners {
            candidates[listener.place, default: Candidates()].add(listener)
        }
        for arrival in arrivals {
            guard let place = boundPlace(for: arrival.place) else { continue }
            candidates[place]?.arrivedCount += arrival.queuedCount
        }
        for (place, candidates) in candidates
        where candidates.queueLength > candidates.arrivedCount {
            redirectedTables.insert(place.table)
        }
    }

    /// The owner of the connections; nil where no listener can be theirs.
    func owner(of arrival: Arrival) -> Owner? {
        guard let place = boundPlace(for: arrival.place), let here = candidates[place] else {
            return nil
        }
        if let cgroup = arrival.cgroup {
            if case .one(let owner)? = here.ownersByCgroup[cgroup] {
                return isRedirected(arrival, here) ? .unattributed(.ambiguous) : owner
            }
            // An accepted socket always has its listener's cgroup.
            if here.ownersByCgroup[cgroup] == nil, here.isCgroupKnown {
                return .unattributed(.ambiguous)
            }
        }
        if case .one(let owner) = here.owners {
            return isRedirected(arrival, here) ? .unattributed(.ambiguous) : owner
        }
        if arrival.queuedCount > 0, case .one(let owner) = here.queuedOwners { return owner }
        return .unattributed(.ambiguous)
    }

    /// Whether the connections wait in another listener's queue, as far as the lengths tell.
    private func isRedirected(_ arrival: Arrival, _ here: Candidates) -> Bool {
        arrival.queuedCount > 0 && here.queueLength == 0
            && redirectedTables.contains(arrival.place.table)
    }

    /// Where the listeners are bound that receive connections to a place: at exactly this address, else
    /// at the wildcard; on this interface, else on any. IPv4 connections reach a dual-stack socket at
    /// the mapped address, and then have its family; a listener of the other family is better than
    /// none.
    private func boundPlace(for place: Place) -> Place? {
        for address in place.address.listening {
            var bound = place
            bound.address = address
            if candidates[bound] != nil { return bound }
            bound.interface = 0
            if candidates[bound] != nil { return bound }
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
}
