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

    @Test(arguments: cases)
    func aConnectionCameInByTheListenerThatFitsBest(
        _ address: IPAddress, _ bound: [IPAddress], _ expected: Int?
    ) {
        var listeners = ListenerIndex()
        for (index, address) in bound.enumerated() {
            listeners.add(address, port: 80, .module(ModuleIndex(rawValue: index)))
        }
        let owner = listeners.owner(of: address, port: 80)
        #expect(owner == expected.map { .module(ModuleIndex(rawValue: $0)) })
        #expect(listeners.owner(of: address, port: 81) == nil)
    }

    @Test func listenersOfOneNamespaceSayNothingOfAnother() {
        var listeners = ListenerIndex()
        let address = IPAddress.wildcard(.ipv4)
        listeners.add(address, port: 80, table: 1, .unattributed(.protected))
        #expect(listeners.owner(of: address, port: 80) == nil)
        #expect(listeners.owner(of: address, port: 80, table: 1) != nil)
    }

    @Test func theFirstOfAGroupThatSharesItsAddressAnswersForAll() {
        var listeners = ListenerIndex()
        listeners.add(Self.v4, port: 80, .unattributed(.protected))
        listeners.add(Self.v4, port: 80, .unattributed(.partial))
        #expect(listeners.owner(of: Self.v4, port: 80) == .unattributed(.protected))
    }
}
