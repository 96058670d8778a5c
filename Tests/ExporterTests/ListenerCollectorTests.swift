import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

private let backlog = "tcptable_listener_backlog_connections"
private let limit = "tcptable_listener_backlog_limit_connections"
private let sockets = "tcptable_listener_sockets"
private let fullSockets = "tcptable_listener_full_sockets"

/// What `--collector.listener.limit` is by default.
private let listenersMax = 500

struct ListenerCollectorTests {
    @Test func queueAndLimitStandUnderOwnerAndAddress() throws {
        let stage = try Stage([.listener])
        try stage.host.add(10, executable: "/bin/web", sockets: [100])
        let text = try stage.scrape([
            .row(.listen, at: "::", port: 443, inode: 100, queues: (3, 4096)),
            .row(.listen, at: "10.0.0.1", port: 80, queues: (1, 128)),
            .row(.established, port: 80, queues: (9, 9)),
        ])
        #expect(
            spelled(text, backlog) == [
                " ipv4 10.0.0.1 80 1", "web process ipv6 :: 443 3",
            ])
        #expect(
            spelled(text, limit) == [
                " ipv4 10.0.0.1 80 128", "web process ipv6 :: 443 4096",
            ])
    }

    @Test func socketsThatShareAPortAreOneListenerOfEachModule() throws {
        let stage = try Stage()
        try stage.host.add(10, executable: "/bin/web", sockets: [100, 101])
        try stage.host.add(11, executable: "/bin/web", sockets: [102])
        try stage.host.add(20, executable: "/bin/other", sockets: [103])
        let text = try stage.scrape(
            (UInt32(100)...103).map {
                .row(.listen, at: "0.0.0.0", port: 80, inode: $0, queues: (2, 100))
            })
        #expect(
            spelled(text, backlog) == [
                "other process ipv4 0.0.0.0 80 2", "web process ipv4 0.0.0.0 80 2",
            ])
        #expect(text.samples(limit).map(\.value) == [100, 100])
        #expect(text.samples(sockets).map(\.value) == [1, 3])
        #expect(text.samples(fullSockets).map(\.value) == [0, 0])
    }

    /// Sums of queues and limits would hide it: 4 × 128 have room for 129.
    @Test func theFullestOfThemIsShown() throws {
        let queues: [(UInt32, UInt32)] = [(0, 128), (129, 128), (100, 90), (500, 511), (3, 128)]
        for queues in [queues, queues.reversed()] {
            let text = try scrape(
                queues.map { .row(.listen, at: "0.0.0.0", port: 80, queues: $0) }, [.listener])
            #expect(text.samples(backlog).map(\.value) == [100])
            #expect(text.samples(limit).map(\.value) == [90])
            #expect(text.samples(sockets).map(\.value) == [5])
            #expect(text.samples(fullSockets).map(\.value) == [2])
        }
    }

    @Test func aQueueWithoutRoomIsFullWithOne() throws {
        let text = try scrape([
            .row(.listen, port: 80, queues: (1, 0)), .row(.listen, port: 81, queues: (0, 0)),
        ])
        #expect(text.samples(fullSockets).map(\.value) == [1, 0])
    }

    @Test func interfacesAreNamedWhereListenersAreBoundToOne() throws {
        let text = try scrape(
            [
                .row(.listen, port: 80).bound(to: 1), .row(.listen, port: 80),
                .row(.listen, port: 80).bound(to: 987_654_321),
            ], [.listener])
        #expect(text.samples(backlog).map { $0["interface"] } == ["", "987654321", "lo"])
    }

    @Test(arguments: [0, 1])
    func foldedModulesThatShareAnAddressShareASeries(_ moduleLimit: Int) throws {
        let stage = try Stage(moduleLimit: moduleLimit)
        for process in Int32(10)...13 {
            try stage.host.add(
                process, executable: "/bin/m\(process)", sockets: [UInt32(process)])
        }
        let text = try stage.scrape(
            (UInt32(10)...13).map { .row(.listen, port: 80, inode: $0, queues: (1, 8)) })
        #expect(text.sum(backlog) == Double(1 + moduleLimit))
        #expect(text.sum(sockets) == 4)
        let folded = text.samples(sockets).filter { $0["kind"] == "other" }
        #expect(folded.map(\.value) == [Double(4 - moduleLimit)])
        #expect(folded.first?["port"] == "80")
    }

    @Test func manyListenersAreFoldedByFamilyAndNoneIsLost() throws {
        let rows = (1...1200).map { number -> TCPConnection in
            let port = UInt16(number)
            return number.isMultiple(of: 2)
                ? .row(.listen, at: "0.0.0.0", port: port, queues: (1, 10))
                : .row(.listen, at: "::", port: port, queues: (1, 10))
        }
        let text = try scrape(rows.shuffled())
        #expect(text.samples(backlog).count == listenersMax + 2)
        #expect(text.sum(sockets) == 1200)
        #expect(text.value("tcptable_listeners_folded") == 700)
        for family in ["ipv4", "ipv6"] {
            let labels = [
                "module": "other", "kind": "other", "family": family, "address": "other",
                "port": "other",
            ]
            #expect((text.value(backlog, labels) ?? 0) > 0)
        }
    }

    @Test func whoHasSeriesKeepsThemWhileHeListens() throws {
        let stage = try Stage([.listener])
        let max = UInt16(listenersMax)
        let old = (1000..<1000 + max).map { TCPConnection.row(.listen, port: $0) }
        let first = ports(try stage.scrape(old))
        let young: [TCPConnection] = [.row(.listen, port: 1), .row(.listen, port: 2)]
        #expect(ports(try stage.scrape(young + old)) == first.union(["other"]))
        let rest = Array(old.dropFirst())
        #expect(
            ports(try stage.scrape(young + rest))
                == first.subtracting(["1000"]).union(["1", "other"]))
    }

    @Test func exactlyTheMostThatFitHaveSeries() throws {
        let max = UInt16(listenersMax)
        let text = try scrape((1...max).map { .row(.listen, port: $0) })
        #expect(text.samples(backlog).count == Int(max))
        #expect(!ports(text).contains("other"))
    }

    private func ports(_ text: MetricsText) -> Set<String> {
        Set(text.samples(backlog).map { $0["port"] })
    }

    private func spelled(_ text: MetricsText, _ family: String) -> [String] {
        text.samples(family).map { sample in
            let values = ["module", "kind", "family", "address", "port"].map { sample[$0] }
            let words = values.drop { $0.isEmpty }
            let prefix = words.count < values.count ? " " : ""
            return prefix + words.joined(separator: " ") + " \(Int(sample.value))"
        }
    }
}
