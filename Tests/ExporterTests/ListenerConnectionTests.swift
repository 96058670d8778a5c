import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

private let connections = "tcptable_listener_connections"

/// Connections that came in by each listener.
struct ListenerConnectionTests {
    private func counts(_ text: MetricsText) -> [String] {
        text.samples(connections).map { sample in
            let place = "\(sample["family"]) \(sample["address"])"
            let interface = sample["interface"].isEmpty ? "" : "%\(sample["interface"])"
            return "\(place)\(interface):\(sample["port"]) \(sample["state"]) \(Int(sample.value))"
        }
    }

    @Test func theyAreCountedByState() throws {
        let text = try scrape([
            .row(.listen, at: "0.0.0.0", port: 80), .row(.listen, at: "::", port: 443),
            .row(.established, at: "10.0.0.1", port: 80),
            .row(.established, at: "10.0.0.2", port: 80), .row(.timeWait, at: "10.0.0.1", port: 80),
            .row(.synRecv, at: "2001:db8::1", port: 443),
            .row(.closeWait, at: "::ffff:10.0.0.1", port: 443),
            .row(.established, at: "10.0.0.1", port: 40_000).to("10.0.0.1", 80),
        ])
        #expect(
            counts(text) == [
                "ipv4 0.0.0.0:80 established 2", "ipv4 0.0.0.0:80 time_wait 1",
                "ipv6 :::443 close_wait 1", "ipv6 :::443 syn_recv 1",
            ])
    }

    @Test func theAddressDecidesThenTheInterface() throws {
        let text = try scrape([
            .row(.listen, at: "0.0.0.0", port: 80), .row(.listen, at: "10.0.0.1", port: 80),
            .row(.listen, at: "0.0.0.0", port: 80).bound(to: 1),
            .row(.established, at: "10.0.0.1", port: 80),
            .row(.established, at: "10.0.0.1", port: 80).bound(to: 1),
            .row(.established, at: "10.0.0.2", port: 80).bound(to: 1),
            .row(.established, at: "10.0.0.2", port: 80),
            .row(.established, at: "10.0.0.2", port: 80).bound(to: 2),
        ])
        #expect(
            counts(text) == [
                "ipv4 0.0.0.0:80 established 2", "ipv4 0.0.0.0%lo:80 established 1",
                "ipv4 10.0.0.1:80 established 2",
            ])
    }

    @Test func whatDidNotComeInIsNotCounted() throws {
        let text = try scrape([
            .row(.listen, port: 80), .row(.close, port: 80), .row(.synSent, port: 80),
            .row(.established, port: 81), .row(.established, at: "127.0.0.2", port: 80),
            .row(.established, at: "::1", port: 80),
        ])
        #expect(counts(text) == [])
    }

    @Test func theOrderOfRowsMakesNoDifference() throws {
        let rows: [TCPConnection] = [
            .row(.established, port: 80), .row(.listen, port: 80), .row(.established, port: 80),
        ]
        #expect(counts(try scrape(rows)) == ["ipv4 127.0.0.1:80 established 2"])
    }

    @Test func statesOnceSeenStayWhileTheListenerDoes() throws {
        let stage = try Stage()
        _ = try stage.scrape([.row(.listen, port: 80), .row(.closeWait, port: 80)])
        let text = try stage.scrape([.row(.listen, port: 80)])
        #expect(counts(text) == ["ipv4 127.0.0.1:80 close_wait 0"])
        _ = try stage.scrape([])
        #expect(counts(try stage.scrape([.row(.listen, port: 80)])) == [])
    }

    @Test func theyCanBeSwitchedOff() throws {
        let stage = try Stage { $0.countsListenerConnections = false }
        let text = try stage.scrape([.row(.listen, port: 80), .row(.closeWait, port: 80)])
        #expect(text[connections] == nil)
        #expect(text.sum("tcptable_listener_sockets") == 1)
    }

    @Test func ofSeveralOwnersAtOnePlaceNoneIsGuessed() throws {
        let stage = try Stage()
        try stage.host.add(10, executable: "/bin/a", sockets: [100])
        try stage.host.add(20, executable: "/bin/b", sockets: [200])
        let text = try stage.scrape([
            .row(.listen, port: 80, inode: 100), .row(.listen, port: 80, inode: 200),
            .row(.established, port: 80),
        ])
        #expect(text.samples(connections).map { $0["module"] } == [""])
        #expect(text.samples("tcptable_listener_sockets").map { $0["module"] } == ["a", "b"])
    }

    /// A naive reader of the same rules, on random rows.
    @Test func aNaiveReaderCountsTheSame() throws {
        let addresses: [IPAddress] = [
            "0.0.0.0", "127.0.0.1", "127.0.0.2", "::", "::1", "::ffff:0.0.0.0", "::ffff:127.0.0.1",
        ]
        for _ in 0..<200 {
            let rows = (0..<40).map { _ in
                TCPConnection.row(
                    TCPState.allCases.randomElement() ?? .listen,
                    at: addresses.randomElement() ?? "::", port: UInt16.random(in: 80...82)
                ).bound(to: UInt32.random(in: 0...1))
            }
            let counted = try scrape(rows, [.listener, .state]).samples(connections)
            let seen = Dictionary(
                counted.filter { $0.value > 0 }.map {
                    ("\($0["address"])%\($0["interface"]):\($0["port"]) \($0["state"])", $0.value)
                }, uniquingKeysWith: +)
            #expect(seen == naiveCounts(rows))
        }
    }

    private func naiveCounts(_ rows: [TCPConnection]) -> [String: Double] {
        let listeners = rows.filter(\.isListener)
        var counts: [String: Double] = [:]
        for row in rows where ![.listen, .close, .synSent].contains(row.state) {
            let listener = naiveAddresses(row.localAddress).lazy.flatMap { address in
                [row.interfaceIndex, 0].map { (address, $0) }
            }.compactMap { address, interface in
                listeners.first {
                    $0.localAddress == address && $0.localPort == row.localPort
                        && $0.interfaceIndex == interface
                }
            }.first
            guard let listener else { continue }
            let interface = listener.interfaceIndex == 0 ? "" : "lo"
            let place = "\(listener.localAddress)%\(interface):\(row.localPort)"
            counts["\(place) \(row.state.label)", default: 0] += 1
        }
        return counts
    }

    private func naiveAddresses(_ address: IPAddress) -> [IPAddress] {
        if address.family == .ipv4 {
            let mapped = IPAddress(Array(repeating: 0, count: 10) + [255, 255] + address.bytes)
            return [address, "0.0.0.0", mapped, "::ffff:0.0.0.0", "::"]
        }
        return address.unmapped == nil ? [address, "::"] : [address, "::ffff:0.0.0.0", "::"]
    }
}
