import TCPModel
import TableFakes
import Testing

@testable import Owners

struct ListenerIndexTests {
    private static let v4: IPAddress = "10.0.0.1"
    private static let otherV4: IPAddress = "10.0.0.2"
    private static let any4 = IPAddress.wildcard(.ipv4)
    private static let any6 = IPAddress.wildcard(.ipv6)
    private static let mapped: IPAddress = "::ffff:10.0.0.1"
    private static let anyMapped: IPAddress = "::ffff:0.0.0.0"
    private static let v6: IPAddress = "2001:db8::1"

    /// A connection's address, the addresses of listeners, and which of them it came in by.
    private static let cases: [(IPAddress, [IPAddress], Int?)] = [
        (v4, [v4], 0),
        (v4, [any4], 0),
        (v4, [otherV4], nil),
        (v4, [any4, v4], 1),
        (v4, [any6, any4, otherV4], 1),
        (v4, [any6], 0),
        (v4, [v6, mapped], 1),
        (v4, [v6, anyMapped], 1),
        (v4, [v6], nil),
        (v6, [v6], 0),
        (v6, [any6, v6], 1),
        (v6, [any4, any6], 1),
        (v6, [any4], nil),
        (v6, [anyMapped, any6], 1),
        (v6, [anyMapped], nil),
        (mapped, [any6], 0),
        (mapped, [any6, mapped], 1),
        (mapped, [any6, anyMapped], 1),
        (mapped, ["::ffff:10.0.0.2", any6], 1),
        // Only an IPv6 socket has mapped connections, whatever else listens at the port.
        (mapped, [v4, any4, any6], 2),
        (mapped, [any4, v4], 1),
        (mapped, [v6], nil),
    ]

    private static func place(
        _ address: IPAddress, _ port: UInt16 = 80, table: UInt16 = 0, interface: UInt32 = 0
    ) -> ListenerIndex.Place {
        ListenerIndex.Place(table: table, address: address, port: port, interface: interface)
    }

    private static func owner(_ number: Int) -> Owner { .module(ModuleIndex(rawValue: number)) }

    private static func listener(
        _ number: Int, _ place: ListenerIndex.Place, cgroup: UInt64? = nil, queue: UInt32 = 0
    ) -> ListenerIndex.Listener {
        ListenerIndex.Listener(
            place: place, owner: owner(number), cgroup: cgroup.map(CgroupID.init),
            queueLength: queue)
    }

    private static func arrival(
        _ place: ListenerIndex.Place, cgroup: UInt64? = nil, queued: UInt64 = 1
    ) -> ListenerIndex.Arrival {
        ListenerIndex.Arrival(
            place: place, cgroup: cgroup.map(CgroupID.init), queuedCount: queued)
    }

    /// The owner of one arrival at the listeners.
    private static func owner(
        of arrival: ListenerIndex.Arrival, among listeners: [ListenerIndex.Listener]
    ) -> Owner? {
        ListenerIndex(listeners, [arrival]).owner(of: arrival)
    }

    @Test(arguments: cases)
    func aConnectionCameInByTheListenerThatFitsBest(
        _ address: IPAddress, _ bound: [IPAddress], _ expected: Int?
    ) {
        let listeners = bound.enumerated().map { Self.listener($0, Self.place($1)) }
        let here = Self.owner(of: Self.arrival(Self.place(address)), among: listeners)
        #expect(here == expected.map(Self.owner))
        #expect(
            Self.owner(of: Self.arrival(Self.place(address, 81)), among: listeners) == nil)
    }

    @Test func listenersOfOneNamespaceSayNothingOfAnother() {
        let listeners = [Self.listener(0, Self.place(Self.any4, table: 1))]
        #expect(Self.owner(of: Self.arrival(Self.place(Self.any4)), among: listeners) == nil)
        let inside = Self.arrival(Self.place(Self.any4, table: 1))
        #expect(Self.owner(of: inside, among: listeners) == Self.owner(0))
    }

    @Test func aListenerOnTheConnectionsInterfaceComesBeforeOneOnAny() {
        let listeners = [
            Self.listener(0, Self.place(Self.any4)),
            Self.listener(1, Self.place(Self.any4, interface: 2)),
            Self.listener(2, Self.place(Self.any4, interface: 3)),
        ]
        for (interface, number) in [(UInt32(0), 0), (2, 1), (3, 2), (4, 0)] {
            let arrival = Self.arrival(Self.place(Self.v4, interface: interface))
            #expect(Self.owner(of: arrival, among: listeners) == Self.owner(number))
        }
    }

    @Test func aListenerOnAnotherInterfaceIsNone() {
        let listeners = [Self.listener(0, Self.place(Self.any4, interface: 2))]
        #expect(Self.owner(of: Self.arrival(Self.place(Self.v4)), among: listeners) == nil)
    }

    @Test func twoProgramsThatShareAPlaceAreAmbiguousWhereNothingTells() {
        let place = Self.place(Self.v4)
        for queues in [(UInt32(0), UInt32(0)), (5, 7)] {
            let listeners = [
                Self.listener(0, place, queue: queues.0), Self.listener(1, place, queue: queues.1),
            ]
            #expect(
                Self.owner(of: Self.arrival(place), among: listeners)
                    == .unattributed(.ambiguous))
        }
    }

    @Test func workersOfOneProgramThatShareAPlaceAreNotAmbiguous() {
        let place = Self.place(Self.v4)
        let listeners = (0..<4).map { _ in Self.listener(7, place) }
        #expect(Self.owner(of: Self.arrival(place), among: listeners) == Self.owner(7))
    }

    @Test func theCgroupDecidesBetweenProgramsThatShareAPlace() {
        let place = Self.place(Self.v4)
        let listeners = [
            Self.listener(0, place, cgroup: 10, queue: 2),
            Self.listener(1, place, cgroup: 11, queue: 2),
        ]
        let arrival = Self.arrival(place, cgroup: 11)
        #expect(Self.owner(of: arrival, among: listeners) == Self.owner(1))
    }

    @Test func theOnlyAcceptQueueThatIsNotEmptyDecides() {
        let place = Self.place(Self.v4)
        let listeners = [Self.listener(0, place), Self.listener(1, place, queue: 3)]
        #expect(Self.owner(of: Self.arrival(place), among: listeners) == Self.owner(1))
        // A handshake that is not complete is in no accept queue.
        let handshake = Self.arrival(place, queued: 0)
        #expect(
            Self.owner(of: handshake, among: listeners) == .unattributed(.ambiguous))
    }

    /// TPROXY, or BPF's sk_lookup: the queue that grows is another port's.
    @Test func aConnectionThatWaitsInAnotherListenersQueueIsAmbiguous() {
        let listeners = [
            Self.listener(0, Self.place(Self.any4)),
            Self.listener(1, Self.place(Self.any4, 3129), queue: 3),
        ]
        let arrival = Self.arrival(Self.place(Self.v4), queued: 3)
        #expect(Self.owner(of: arrival, among: listeners) == .unattributed(.ambiguous))
    }

    @Test func aConnectionOfAnotherCgroupThanAnyListenersIsAmbiguous() {
        let place = Self.place(Self.v4)
        let listeners = [Self.listener(0, place, cgroup: 10)]
        #expect(
            Self.owner(of: Self.arrival(place, cgroup: 11), among: listeners)
                == .unattributed(.ambiguous))
    }

    /// Connections that arrive after the listeners were dumped must not make their owner ambiguous.
    @Test func aConnectionThatIsNotYetInTheQueuesLengthIsItsListeners() {
        let listeners = [
            Self.listener(0, Self.place(Self.any4)),
            Self.listener(1, Self.place(Self.any4, 81), queue: 2),
        ]
        let arrivals = [
            Self.arrival(Self.place(Self.v4)), Self.arrival(Self.place(Self.v4, 81), queued: 2),
        ]
        let index = ListenerIndex(listeners, arrivals)
        #expect(index.owner(of: arrivals[0]) == Self.owner(0))
        #expect(index.owner(of: arrivals[1]) == Self.owner(1))
    }
}
