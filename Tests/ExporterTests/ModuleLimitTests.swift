import Exporter
import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

/// Modules a, b, c and so on, each with a process of its own.
struct ModuleLimitTests {
    private func stage(_ limit: Int, _ modules: [String] = ["a", "b", "c", "d"]) throws -> Stage {
        let stage = try Stage(moduleLimit: limit)
        for module in modules {
            let first = Self.firstInode(module)
            try stage.host.add(
                Int32(first), executable: "/bin/\(module)", sockets: Array(first..<first + 50))
        }
        return stage
    }

    private static func firstInode(_ module: String) -> UInt32 {
        UInt32(module.unicodeScalars.first?.value ?? 0) * 100
    }

    private func rows(_ counts: [String: Int]) -> [TCPConnection] {
        counts.flatMap { module, count in
            (0..<UInt32(count)).map { .row(.established, inode: Self.firstInode(module) + $0) }
        }
    }

    @Test(arguments: [
        (0, ["other 10"], 4), (1, ["d 4", "other 6"], 3), (2, ["c 3", "d 4", "other 3"], 2),
        (3, ["b 2", "c 3", "d 4", "other 1"], 1), (4, ["a 1", "b 2", "c 3", "d 4"], 0),
        (200, ["a 1", "b 2", "c 3", "d 4"], 0), (Int.max, ["a 1", "b 2", "c 3", "d 4"], 0),
    ])
    func theLargestHaveSeriesAndTheOthersAreSummed(
        _ limit: Int, _ expected: [String], _ folded: Double
    ) throws {
        let text = try stage(limit).scrape(rows(["a": 1, "b": 2, "c": 3, "d": 4]))
        #expect(spelled(text) == expected)
        #expect(text.value("tcptable_modules_folded") == folded)
        #expect(text.sum("tcptable_module_connections") == 10)
        let others = text.samples("tcptable_module_connections").filter { $0["module"] == "other" }
        #expect(others.allSatisfy { $0["kind"] == "other" })
        #expect(text.samples("tcptable_module_info").count == 4 - Int(folded))
    }

    @Test func namesDecideBetweenEquals() throws {
        let text = try stage(2).scrape(rows(["d": 3, "c": 3, "b": 3, "a": 3]))
        #expect(spelled(text) == ["a 3", "b 3", "other 6"])
    }

    @Test func whoHasSeriesKeepsThemWhileHeLives() throws {
        let stage = try stage(1)
        _ = try stage.scrape(rows(["a": 2, "b": 1]))
        #expect(spelled(try stage.scrape(rows(["a": 1, "b": 4]))) == ["a 1", "other 4"])
        #expect(spelled(try stage.scrape(rows(["a": 2, "b": 8]))) == ["a 2", "other 8"])
        try stage.host.end(Int32(Self.firstInode("a")))
        #expect(spelled(try stage.scrape(rows(["b": 4, "c": 3]))) == ["b 4", "other 3"])
    }

    @Test func aFarLargerOneDisplacesTheLeast() throws {
        let stage = try stage(2)
        _ = try stage.scrape(rows(["a": 2, "b": 1]))
        let text = try stage.scrape(rows(["a": 2, "b": 1, "c": 40]))
        #expect(spelled(text) == ["a 2", "c 40", "other 1"])
        #expect(
            spelled(try stage.scrape(rows(["a": 2, "b": 9, "c": 3]))) == ["a 2", "c 3", "other 9"])
    }

    @Test func manySmallOnesDoNotFoldALargeService() throws {
        let stage = try Stage()
        for pid in Int32(1000)..<1200 {
            try stage.host.add(pid, executable: "/bin/p\(pid)", sockets: [UInt32(pid)])
        }
        let small = (UInt32(1000)..<1200).map { TCPConnection.row(.established, inode: $0) }
        #expect(try stage.scrape(small).value("tcptable_modules_folded") == 0)
        let sockets = Array(UInt32(5000)..<7000)
        try stage.host.add(
            5000, executable: "/usr/sbin/nginx", cgroup: "/system.slice/nginx.service",
            sockets: sockets)
        let text = try stage.scrape(small + sockets.map { .row(.established, inode: $0) })
        let service = ["module": "nginx.service", "kind": "service", "state": "established"]
        #expect(text.value("tcptable_module_connections", service) == 2000)
        #expect(text.value("tcptable_modules_folded") == 1)
        #expect(text.sum("tcptable_module_connections") == 2200)
    }

    /// No ordinary user can make services of the system.
    @Test func aServiceIsNotPushedOutByAProcessOfItsSize() throws {
        let stage = try Stage(moduleLimit: 1)
        try stage.host.add(
            10, executable: "/bin/s", cgroup: "/system.slice/s.service", sockets: [10, 11])
        try stage.host.add(20, executable: "/bin/p", sockets: Array(20..<30))
        let text = try stage.scrape(
            [10, 11].map { .row(.established, inode: $0) }
                + (UInt32(20)..<30).map { .row(.established, inode: $0) })
        #expect(spelled(text) == ["other 10", "s.service 2"])
    }

    @Test func aModuleCalledOtherIsNotTheOthers() throws {
        let stage = try stage(1, ["a"])
        try stage.host.add(10, executable: "/bin/other", sockets: [10])
        let text = try stage.scrape(rows(["a": 1]) + [.row(.listen, inode: 10)])
        #expect(spelled(text) == ["a 1", "other 1"])
        let reversed = try self.stage(1, ["p"])
        try reversed.host.add(10, executable: "/bin/other", sockets: [10])
        let kinds = try reversed.scrape(rows(["p": 1]) + [.row(.listen, inode: 10)])
            .samples("tcptable_module_connections").map { "\($0["module"]) \($0["kind"])" }
        #expect(kinds == ["other process", "other other"])
    }

    @Test func foldedStatesAndQueuesAreSummedToo() throws {
        let stage = try stage(0)
        let text = try stage.scrape([
            .row(.listen, inode: Self.firstInode("a"), queues: (1, 2)),
            .row(.established, inode: Self.firstInode("b"), queues: (10, 20)),
            .row(.established, inode: Self.firstInode("c"), queues: (100, 200)),
        ])
        let labels = ["module": "other", "kind": "other"]
        #expect(text.value("tcptable_module_receive_queue_bytes", labels) == 110)
        #expect(text.value("tcptable_module_send_queue_bytes", labels) == 220)
        #expect(text.sums("tcptable_module_connections", by: "state")["established"] == 2)
        #expect(text.samples("tcptable_listener_backlog_connections").count == 1)
    }

    /// Random sizes, births and deaths: never more series than allowed, and never a connection lost.
    @Test func theBoundHoldsUnderAnyTurnover() throws {
        let names = (0..<12).map { String(UnicodeScalar(UInt8(ascii: "a") + UInt8($0))) }
        let stage = try stage(5, names)
        var living = Set(names)
        for _ in 0..<60 {
            if let name = names.randomElement() { try toggle(name, &living, stage) }
            let counts = living.reduce(into: [String: Int]()) { $0[$1] = Int.random(in: 0..<9) }
            let text = try stage.scrape(rows(counts))
            let modules = Set(text.samples("tcptable_module_connections").map { $0["module"] })
            #expect(modules.count <= 6)
            let total = Double(counts.values.reduce(0, +))
            #expect(text.sum("tcptable_module_connections") == total)
        }
    }

    private func toggle(_ name: String, _ living: inout Set<String>, _ stage: Stage) throws {
        let first = Self.firstInode(name)
        if living.remove(name) != nil {
            try stage.host.end(Int32(first))
        } else {
            living.insert(name)
            let sockets = Array(first..<first + 50)
            try stage.host.add(Int32(first), executable: "/bin/\(name)", sockets: sockets)
        }
    }

    private func spelled(_ text: MetricsText) -> [String] {
        text.samples("tcptable_module_connections").map { "\($0["module"]) \(Int($0.value))" }
    }
}
