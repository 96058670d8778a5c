import Foundation
import Logging
import MetricsServer
import Synchronization
import TestSupport
import Testing

@testable import Exporter
@testable import SockDiag
@testable import TCPConnections

/// The service over a table that the test writes, asked by curl.
@Suite(.requires(.curl))
struct ServiceTests {
    @Test func itIsReadyUntilATableCannotBeRead() throws {
        let stage = try Served()
        defer { stage.service.stop() }
        #expect(try stage.get("/-/ready") == "ready\n200")
        #expect(try stage.get("/metrics").hasSuffix("200"))
        #expect(try stage.get("/-/ready") == "ready\n200")
        stage.script.next.error = .flooded
        #expect(try stage.get("/metrics").hasSuffix("503"))
        let unready = try stage.get("/-/ready")
        #expect(unready.hasPrefix("not ready: ") && unready.hasSuffix("503"))
        #expect(try stage.get("/-/healthy") == "healthy\n200")
        stage.script.next.error = nil
        #expect(try stage.get("/metrics").hasSuffix("200"))
        #expect(try stage.get("/-/ready") == "ready\n200")
    }

    @Test func askingForHealthIsNoScrape() throws {
        let stage = try Served()
        defer { stage.service.stop() }
        for path in ExporterService.reservedPaths { _ = try stage.get(path) }
        #expect(stage.reads == 0)
        _ = try stage.get("/metrics")
        #expect(stage.reads == 1)
        #expect(try stage.get("/metrics?collect[]=nonsense").hasSuffix("400"))
        #expect(stage.reads == 1)
        _ = try stage.get("/")
        #expect(stage.reads == 2)
    }

    @Test func clientsOfEveryFormAreServedAtOnce() throws {
        let stage = try Served()
        defer { stage.service.stop() }
        let url = "http://\(stage.service.boundAddresses[0])/metrics"
        let wishes = [
            [], ["-H", "Accept: application/openmetrics-text"], ["--compressed"],
            ["--compressed", "-H", "Accept: application/openmetrics-text"],
        ]
        let queries = ["", "?collect[]=state", "?exclude[]=state", "?collect[]=offload"]
        let options = wishes.flatMap { wish in queries.map { wish + [url + $0] } }
        let clients = try options.map {
            try ChildProcess("curl", ["-sSfg", "--noproxy", "*"] + $0)
        }
        for (client, options) in zip(clients, options) {
            let result = try client.wait(within: .seconds(20))
            #expect(result.status == .exited(0), "\(options) \(result.standardError)")
            let isOpenMetrics = options.contains { $0.contains("openmetrics") }
            #expect(result.standardOutput.hasSuffix("# EOF\n") == isOpenMetrics)
            let hasState = !options.contains { $0.contains("exclude") || $0.contains("offload") }
            #expect(
                result.standardOutput.contains("\ntcptable_connections{") == hasState, "\(options)")
        }
        #expect(stage.reads <= options.count)
    }
}

/// A service over a scripted table, on a free port of the loopback.
private final class Served {
    let script = ScriptedTable.Script()
    let service: ExporterService
    /// How often the table was read.
    var reads: Int { counter.value }

    private let counter = Counter()
    private let host: MadeUpHost

    init() throws {
        host = try MadeUpHost()
        script.next.rows = [.row(.established), .row(.listen)]
        let source = CountedTable(table: ScriptedTable(script: script), counter: counter)
        service = try ExporterService(
            Scraper(.madeUp(host), source: source),
            listening: [ListenAddress(parsing: "127.0.0.1:0")], telemetryPath: "/metrics",
            limits: ServerLimits(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The body and the status.
    func get(_ path: String) throws -> String {
        let result = try run(
            "curl",
            [
                "-sSg", "--noproxy", "*", "-w", "%{http_code}",
                "http://\(service.boundAddresses[0])\(path)",
            ])
        #expect(result.status == .exited(0), "\(result.standardError)")
        return result.standardOutput
    }
}

/// A number that the test and the table share.
private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func increment() { count.add(1, ordering: .sequentiallyConsistent) }
}

/// A table that counts how often it was read.
private struct CountedTable: TCPTableSource {
    var table: ScriptedTable
    let counter: Counter

    mutating func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        counter.increment()
        return try table.read(begin: begin, body: body)
    }
}
