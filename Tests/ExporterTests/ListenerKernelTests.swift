import Exporter
import Foundation
import TestSupport
import Testing

private let backlog = "tcptable_listener_backlog_connections"
private let limit = "tcptable_listener_backlog_limit_connections"
private let sockets = "tcptable_listener_sockets"
private let fullSockets = "tcptable_listener_full_sockets"
private let dropped = "tcptable_listener_dropped_connections_total"
private let connections = "tcptable_listener_connections"
private let busiest = "tcptable_ephemeral_ports_busiest_destination"

/// Real listeners, and what comes in by them, in tables of their own.
@Suite(.requires(.networkNamespaces))
struct ListenerKernelTests {
    /// One scrape while the program holds its sockets; given with what it said before.
    private func scrape(
        _ arguments: [String], settings: [String: String] = [:], prepare: String = "",
        _ check: (MetricsText, String) throws -> Void
    ) throws {
        try inNewNetworkNamespace {
            let writes = settings.map { "echo '\($1)' > /proc/sys/net/ipv4/\($0)" }
            let script = (writes + [prepare]).joined(separator: "\n")
            let result = try run("bash", ["-ec", script])
            #expect(result.status == .exited(0), "\(result.standardError)")
            let program = try ChildProcess(testProgram("tcptable_listeners"), arguments)
            try program.awaitOutput("ready\n")
            var scraper = KernelScraper()
            let scrape = scraper.scrape()
            let text = try MetricsText(scrape.exposition)
            #expect(text.conservationBreaches == [])
            #expect(
                text.samples("tcptable_scrape_collector_success").allSatisfy { $0.value == 1 },
                "\(scrape.problems)")
            try check(text, program.standardOutput)
            program.endInput()
            #expect(try program.wait().status == .exited(0))
        }
    }

    /// The namespace's own count of attempts that its listeners dropped.
    private func listenDrops() throws -> Double {
        let text = try String(contentsOfFile: "/proc/thread-self/net/netstat", encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("TcpExt:") }
            .map { $0.split(separator: " ") }
        let index = try #require(lines[0].firstIndex(of: "ListenDrops"))
        return try #require(Double(lines[1][index]))
    }

    @Test func aStuckWorkerOfFourIsSeen() throws {
        try scrape(["workers", "4"]) { text, _ in
            #expect(text.samples(backlog).map(\.value) == [9])
            #expect(text.samples(limit).map(\.value) == [8])
            #expect(text.samples(sockets).map(\.value) == [4])
            #expect(text.samples(fullSockets).map(\.value) == [1])
            let drops = try listenDrops()
            #expect(text.sum(dropped) == drops)
            #expect(text.sum(dropped) > 0)
        }
    }

    @Test(arguments: [0, 350, 699]) func ofSevenHundredListenersTheFullOneIsShown(_ full: Int)
        throws
    {
        try scrape(["many", "700", "\(full)"]) { text, _ in
            let shown = text.samples(fullSockets).filter { $0.value > 0 }
            #expect(shown.map { $0["port"] } == ["\(10_000 + full)"])
            #expect(text.value("tcptable_listeners_folded") == 200)
            #expect(text.sum(sockets) == 700)
        }
    }

    @Test(arguments: ["accept", "syn"]) func dropsOfAFullQueueAreTheKernels(_ queue: String) throws
    {
        try scrape(["drops", queue], settings: ["tcp_syncookies": "0"]) { text, _ in
            let drops = try listenDrops()
            #expect(drops >= 20)
            #expect(text.samples(dropped).map(\.value) == [drops])
        }
    }

    /// The kernel counts a packet of each of these connections as dropped by the socket.
    @Test func deferredConnectionsAreNotDropped() throws {
        try scrape(["deferred", "50"]) { text, _ in
            #expect(text.samples(dropped).map(\.value) == [0])
            #expect(text.sum(connections) == 50)
        }
    }

    @Test(.requires(.ss)) func connectionsThatCameInAreThoseOfSS() throws {
        try scrape(["inbound"]) { text, _ in
            var counts: [String: Int] = [:]
            for sample in text.samples(connections) where sample.value > 0 {
                counts["\(sample["port"]) \(sample["state"])"] = Int(sample.value)
            }
            let seen = try countsOfSS([9000, 9001, 9002])
            #expect(counts == seen)
            #expect(Set(seen.keys.map { String($0.split(separator: " ")[1]) }).count == 4)
        }
    }

    /// Connections whose local port is a listener's, by port and state.
    private func countsOfSS(_ ports: [Int]) throws -> [String: Int] {
        let names = [
            "ESTAB": "established", "CLOSE-WAIT": "close_wait", "FIN-WAIT-2": "fin_wait2",
            "TIME-WAIT": "time_wait",
        ]
        var counts: [String: Int] = [:]
        for line in try run("ss", ["-tanH"]).standardOutput.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let state = names[String(fields[0])],
                let port = fields[3].split(separator: ":").last.flatMap({ Int($0) }),
                ports.contains(port)
            else { continue }
            counts["\(port) \(state)", default: 0] += 1
        }
        return counts
    }

    @Test(.requires(.tool("ip"))) func anInterfacesNameIsHostile() throws {
        let name = #"a"}\1"#
        let rename = "ip link set lo down; ip link set lo name '\(name)'; ip link set '\(name)' up"
        try scrape(["bound", name], prepare: rename) { text, _ in
            #expect(text.samples(limit).map { $0["interface"] } == ["", name])
            #expect(text.samples(limit).map(\.value) == [16, 8])
            #expect(text.sum(connections) == 1)
        }
    }
}

/// Ephemeral ports as they run out, on real sockets.
@Suite(.requires(.networkNamespaces))
struct EphemeralPortKernelTests {
    private func scrape(
        _ arguments: [String], reserved: String = "", _ check: (MetricsText, String) throws -> Void
    ) throws {
        try inNewNetworkNamespace {
            let script = """
                echo 20000 20099 > /proc/sys/net/ipv4/ip_local_port_range
                echo '\(reserved)' > /proc/sys/net/ipv4/ip_local_reserved_ports
                """
            #expect(try run("bash", ["-ec", script]).status == .exited(0))
            let program = try ChildProcess(
                testProgram("tcptable_listeners"), ["outbound"] + arguments)
            try program.awaitOutput("ready\n")
            var scraper = KernelScraper()
            try check(try scraper.read(), program.standardOutput)
            program.endInput()
            #expect(try program.wait().status == .exited(0))
        }
    }

    @Test func mappedOnesTakeTheSamePorts() throws {
        try scrape(["50", "4", "9000", "50", "m", "9000"]) { text, said in
            #expect(said.hasPrefix("exhausted\n"))
            #expect(text.value("tcptable_ephemeral_ports") == 100)
            #expect(text.value("tcptable_ephemeral_ports_used", ["family": "ipv4"]) == 100)
            #expect(text.value("tcptable_ephemeral_ports_used", ["family": "ipv6"]) == 0)
            #expect(text.value(busiest, ["family": "ipv4"]) == 100)
        }
    }

    @Test func eachDestinationHasAllPorts() throws {
        try scrape(["60", "4", "9000", "60", "m", "9001"]) { text, said in
            #expect(said.hasPrefix("free\n"))
            #expect(text.value(busiest, ["family": "ipv4"]) == 60)
        }
        try scrape(["100", "4", "9001", "100", "4", "9000"]) { text, _ in
            #expect(text.value(busiest, ["family": "ipv4"]) == 100)
            #expect(text.value("tcptable_ephemeral_ports_used", ["family": "ipv4"]) == 100)
        }
    }

    @Test func reservedPortsAreNoneToRunOutOf() throws {
        try scrape(["90", "4", "9000"], reserved: "20010-20019") { text, said in
            #expect(said.hasPrefix("exhausted\n"))
            #expect(text.value("tcptable_ephemeral_ports") == 90)
            #expect(text.value(busiest, ["family": "ipv4"]) == 90)
        }
    }
}
