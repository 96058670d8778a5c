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

    private func used(_ text: MetricsText) -> [Double?] {
        ["ipv4", "ipv6"].map { text.value("tcptable_ephemeral_ports_used", ["family": $0]) }
    }
}
