import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

private let backlog = "tcptable_listener_backlog_connections"
private let limit = "tcptable_listener_backlog_limit_connections"

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

    @Test func socketsThatShareAPortAreSummedByModule() throws {
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
                "other process ipv4 0.0.0.0 80 2", "web process ipv4 0.0.0.0 80 6",
            ])
        #expect(text.samples(limit).map(\.value) == [100, 300])
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
        #expect(text.sum(backlog) == 4)
        #expect(text.sum(limit) == 32)
        let folded = text.samples(backlog).filter { $0["kind"] == "other" }
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
        #expect(text.samples(backlog).count == ListenerCollector.listenersMax + 2)
        #expect(text.sum(backlog) == 1200)
        #expect(text.sum(limit) == 12_000)
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
        let max = UInt16(ListenerCollector.listenersMax)
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
        let max = UInt16(ListenerCollector.listenersMax)
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
