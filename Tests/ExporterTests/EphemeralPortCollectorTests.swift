import Exporter
import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

struct EphemeralPortCollectorTests {
    @Test func distinctPortsOfTheRangeAreCountedEdgesIncluded() throws {
        let ports: [UInt16] = [
            0, 1, 32_767, 32_768, 32_768, 40_000, 40_000, 60_999, 61_000, 65_535,
        ]
        let rows =
            ports.map { TCPConnection.row(.established, port: $0) }
            + [.row(.timeWait, port: 40_000), .row(.listen, port: 33_000)]
            + [.row(.established, at: "::1", port: 40_000)]
        let text = try scrape(rows)
        #expect(text.value("tcptable_ephemeral_ports") == 28_232)
        #expect(used(text) == [4, 1])
    }

    @Test(arguments: [("0 65535", 65_536), ("5 5", 1), ("1\t2", 2)])
    func theRangeIsTheKernels(_ range: String, _ count: Double) throws {
        let stage = try Stage([.ephemeralPort])
        try stage.host.set(ephemeralPorts: range + "\n")
        let text = try stage.scrape((0...UInt16.max).map { .row(.timeWait, port: $0) })
        #expect(text.value("tcptable_ephemeral_ports") == count)
        #expect(used(text) == [count, 0])
    }

    @Test func theRangeMayChangeBetweenScrapes() throws {
        let stage = try Stage()
        #expect(try stage.scrape([]).value("tcptable_ephemeral_ports") == 28_232)
        try stage.host.set(ephemeralPorts: "1024 1033")
        #expect(try stage.scrape([]).value("tcptable_ephemeral_ports") == 10)
    }

    @Test func reservedPortsAreNeitherThereNorUsed() throws {
        let stage = try Stage([.ephemeralPort])
        try stage.host.set(reservedPorts: "40000-40009,50000\n")
        let rows = [UInt16(39_999), 40_000, 40_009, 40_010, 50_000].map {
            TCPConnection.row(.established, port: $0).to("192.0.2.1", 443)
        }
        let text = try stage.scrape(rows)
        #expect(text.value("tcptable_ephemeral_ports") == 28_221)
        #expect(used(text) == [2, 0])
        #expect(busiest(text) == [2, 0])
    }

    @Test func mappedAddressesAreIPv4() throws {
        let rows: [TCPConnection] = [
            .row(.established, at: "10.0.0.1", port: 40_000).to("192.0.2.1", 443),
            .row(.established, at: "::ffff:10.0.0.1", port: 40_001).to("::ffff:192.0.2.1", 443),
            .row(.established, at: "::ffff:10.0.0.1", port: 40_000).to("::ffff:192.0.2.9", 443),
            .row(.established, at: "2001:db8::1", port: 40_000).to("2001:db8::2", 443),
        ]
        let text = try scrape(rows)
        #expect(used(text) == [2, 1])
        #expect(busiest(text) == [2, 1])
    }

    @Test func connectionsThatCameInUseTheirListenersPortAlone() throws {
        let incoming = (UInt16(1000)..<1100).map {
            TCPConnection.row(.established, port: 45_000).to("192.0.2.1", $0)
        }
        let text = try scrape([.row(.listen, port: 45_000)] + incoming)
        #expect(used(text) == [1, 0])
        #expect(busiest(text) == [0, 0])
    }

    /// A port can serve one connection to each destination.
    @Test func destinationsAreCountedApart() throws {
        let rows = (UInt16(40_000)..<40_100).flatMap { port in
            [
                TCPConnection.row(.established, port: port).to("192.0.2.1", 443),
                .row(.timeWait, port: port).to("192.0.2.1", 80),
                .row(.synSent, port: port).to("192.0.2.2", 443),
                .row(.established, at: "127.0.0.2", port: port).to("192.0.2.1", 443),
            ]
        }
        let text = try scrape(rows.shuffled())
        #expect(used(text) == [100, 0])
        #expect(busiest(text) == [100, 0])
    }

    private func used(_ text: MetricsText) -> [Double?] {
        ["ipv4", "ipv6"].map { text.value("tcptable_ephemeral_ports_used", ["family": $0]) }
    }

    private func busiest(_ text: MetricsText) -> [Double?] {
        ["ipv4", "ipv6"].map {
            text.value("tcptable_ephemeral_ports_busiest_destination", ["family": $0])
        }
    }
}
