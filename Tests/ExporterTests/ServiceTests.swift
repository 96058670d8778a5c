import Foundation
import HostFakes
import Logging
import MetricsServer
import Synchronization
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import SockDiag
@testable import TCPModel

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

extension ServiceTests {
    /// One read is held up until all have asked.
    @Test func aHundredScrapersAtOnceCostOneDump() throws {
        var limits = ServerLimits()
        limits.maxRequests = 0
        let stage = try Served(limits)
        defer { stage.service.stop() }
        let gate = stage.close()
        let scrapers = try ChildProcess(
            "curl",
            [
                "-sS", "--noproxy", "*", "-Z", "--parallel-immediate", "--parallel-max", "100",
                "-o", "/dev/null", "-w", "%{http_code} ",
                stage.url("/metrics?n=[1-100]"),
            ])
        try stage.awaitRequests(100)
        gate.signal()
        let result = try scrapers.wait(within: .seconds(20))
        #expect(result.standardOutput == String(repeating: "200 ", count: 100))
        #expect(stage.reads == 1)
    }

    @Test func aLateResponseIs503AndTheScrapeGoesOn() throws {
        let stage = try Served()
        defer { stage.service.stop() }
        let gate = stage.close()
        let late = try stage.get(
            "/metrics", ["-H", "X-Prometheus-Scrape-Timeout-Seconds: 0.4"])
        #expect(
            late.hasPrefix("the TCP table could not be read within 0.2 s") && late.hasSuffix("503"))
        let patient = try ChildProcess("curl", ["-sSf", "--noproxy", "*", stage.url("/metrics")])
        try stage.awaitRequests(1)
        let another = try stage.get(
            "/metrics", ["-H", "X-Prometheus-Scrape-Timeout-Seconds: 0.4"])
        #expect(another.hasSuffix("503"))
        gate.signal()
        let result = try patient.wait(within: .seconds(20))
        #expect(result.status == .exited(0), "\(result.standardError)")
        #expect(stage.reads == 1)
        #expect(result.standardOutput.contains("\ntcptable_connections{"))
    }

    /// Without any peers nothing counts their connections.
    private static let collectors = CollectorName.allCases.filter { $0 != .peer }

    /// The owners' part hangs as well as the table's: they share a thread.
    @Test func whileAScrapeHangsOthersGetTheTableAlone() throws {
        let stage = try Served(stuckAfter: Served.limits(whole: .seconds(3)))
        defer { stage.service.stop() }
        let gate = stage.close()
        for _ in 0..<3 {
            let text = try stage.metrics("200")
            #expect(text.value("tcptable_connections", Self.established) == 1)
            #expect(text.samples("tcptable_unattributed_connections").isEmpty)
            for name in Self.collectors {
                let success = text.value(
                    "tcptable_scrape_collector_success", ["collector": name.rawValue])
                #expect(success == (name.needsOwners ? 0 : 1), "\(name)")
            }
            #expect(text.value("tcptable_scrapes_stuck") == 1)
            #expect(try stage.get("/-/ready") == "not ready: a scrape hangs; see the log\n503")
        }
        #expect(try stage.get("/-/healthy") == "healthy\n200")
        #expect(stage.reads == 1)
        gate.signal()
        try stage.awaitReady()
        let text = try stage.metrics("200")
        #expect(text.samples("tcptable_unattributed_connections").count > 0)
        #expect(text.value("tcptable_scrapes_stuck") == 0)
    }

    @Test func whileNoTableCanBeReadRequestsAreAnsweredAndCostNoThreads() throws {
        let stage = try Served(
            stuckAfter: Served.limits(whole: .seconds(3), reduced: .seconds(3)))
        defer { stage.service.stop() }
        let gates = [stage.close(), stage.closeReduced()]
        _ = try stage.metrics("503")
        let threads = try threadCount()
        for _ in 0..<20 {
            let text = try stage.metrics("503")
            #expect(text.value("tcptable_scrapes_stuck") == 2)
            #expect(text.samples("tcptable_connections").isEmpty)
            #expect(
                text.samples("tcptable_scrape_collector_success").map(\.value)
                    == Self.collectors.map { _ in 0 })
        }
        // Tests beside this one have threads too; twenty scrapes would have twenty at least.
        #expect(try threadCount() < threads + 20)
        #expect(stage.reads == 1 && stage.reducedReads == 1)
        for gate in gates { gate.signal() }
        try stage.awaitReady()
        _ = try stage.metrics("200")
    }

    private static let established = ["family": "ipv4", "state": "established"]

    @Test func theServersCountsAreInTheMetrics() throws {
        let stage = try Served()
        defer { stage.service.stop() }
        for _ in 0..<3 { _ = try stage.get("/none") }
        let answer = try stage.get("/metrics")
        let text = try MetricsText(Array(answer.dropLast(3).utf8))
        let expected = [
            "tcptable_http_connections": 1, "tcptable_http_connections_limit": 512,
            "tcptable_http_client_connections_limit": 128, "tcptable_http_requests_in_flight": 1,
            "tcptable_http_requests_in_flight_limit": 40, "tcptable_http_header_limit_bytes": 32768,
            "tcptable_http_idle_timeout_seconds": 30, "tcptable_http_request_timeout_seconds": 60,
        ]
        for (name, value) in expected { #expect(text.value(name) == Double(value), "\(name)") }
        #expect(text.value("tcptable_http_requests_total", ["code": "404"]) == 3)
        #expect(text.samples("tcptable_http_requests_total").count == 14)
        #expect(text.samples("tcptable_http_connections_closed_total").count == 5)
    }
}

/// A service over a scripted table, on a free port of the loopback.
private final class Served {
    let script = ScriptedTable.Script()
    let service: ExporterService
    /// How often the table was read.
    var reads: Int { counter.value }
    /// How often it was read while a scrape hung.
    var reducedReads: Int { reducedCounter.value }

    /// When a scrape hangs: never, unless a test holds it up. Others take less than seconds, however busy
    /// the machine.
    static func limits(
        whole: Duration = .seconds(3600), reduced: Duration = .seconds(3600)
    ) -> ScrapeFlights.Limits {
        var limits = ScrapeFlights.Limits()
        (limits.whole, limits.reduced) = (whole, reduced)
        return limits
    }

    private let counter = Counter()
    private let reducedCounter = Counter()
    private let host: FakeHost

    init(
        _ limits: ServerLimits = ServerLimits(),
        stuckAfter scrapeLimits: ScrapeFlights.Limits = limits()
    ) throws {
        host = try FakeHost()
        script.next.rows = [.row(.established), .row(.listen)]
        let source = CountedTable(table: ScriptedTable(script: script), counter: counter)
        service = try ExporterService(
            Scraper(.madeUp(host), source: source, resolver: host.resolver()),
            reduced: Scraper(
                ScraperOptions.madeUp(host).reduced,
                source: CountedTable(table: ScriptedTable(script: script), counter: reducedCounter),
                resolver: host.resolver()),
            listening: [ListenAddress(parsing: "127.0.0.1:0")], telemetryPath: "/metrics",
            limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            stuckAfter: scrapeLimits)
    }

    /// Has the next reading of the table wait for a signal of the semaphore.
    func close() -> DispatchSemaphore { counter.close() }

    /// Has the next reading wait that is made while a scrape hangs.
    func closeReduced() -> DispatchSemaphore { reducedCounter.close() }

    func awaitReady() throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try get("/-/ready") != "ready\n200" { try #require(ContinuousClock.now < deadline) }
    }

    /// The metrics, which come with this status.
    func metrics(_ status: String) throws -> MetricsText {
        let answer = try get("/metrics")
        #expect(answer.hasSuffix(status))
        return try MetricsText(Array(answer.dropLast(3).utf8))
    }

    /// Waits until so many requests wait for their answers.
    func awaitRequests(_ count: Int) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while service.statistics.requestsInFlight != count {
            try #require(ContinuousClock.now < deadline)
            usleep(1000)
        }
    }

    func url(_ path: String) -> String { "http://\(service.boundAddresses[0])\(path)" }

    /// The body and the status.
    func get(_ path: String, _ options: [String] = []) throws -> String {
        let result = try run(
            "curl",
            [
                "-sSg", "--noproxy", "*", "-w", "%{http_code}", url(path),
            ] + options)
        #expect(result.status == .exited(0), "\(result.standardError)")
        return result.standardOutput
    }
}

/// A number that the test and the table share.
private final class Counter: Sendable {
    /// What the next reading has to wait for.
    let gate = Mutex<DispatchSemaphore?>(nil)
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func increment() { count.add(1, ordering: .sequentiallyConsistent) }

    func close() -> DispatchSemaphore {
        let gate = DispatchSemaphore(value: 0)
        self.gate.withLock { $0 = gate }
        return gate
    }
}

/// A table that counts how often it was read.
private struct CountedTable: ConnectionSource, ListenerSource {
    var table: ScriptedTable
    let counter: Counter

    private var isReading = false

    init(table: ScriptedTable, counter: Counter) {
        self.table = table
        self.counter = counter
    }

    mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        if !isReading {
            counter.increment()
            counter.gate.withLock { gate in
                defer { gate = nil }
                return gate
            }?.wait()
        }
        let step = try table.next(&rows)
        if case .complete = step { isReading = false } else { isReading = true }
        return step
    }

    mutating func listeners() throws(ConnectionSourceError) -> [ListeningSocket] {
        try table.listeners()
    }
}

/// The threads of this process.
private func threadCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
}
