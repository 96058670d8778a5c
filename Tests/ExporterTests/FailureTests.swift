import Exposition
import HostFakes
import Logging
import MetricsServer
import SystemPackage
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import SockDiag
@testable import TCPModel

private let success = "tcptable_scrape_collector_success"

struct FailureTests {
    private static let errors: [ConnectionSourceError] = [
        .systemCall("socket", .tooManyOpenFiles), .refused(.notPermitted),
        .unavailable(.protocolNotSupported), .overrun(attempts: 3), .endedEarly, .flooded,
        .malformed(.unknownValue(field: "idiag_state", value: 99)),
    ]

    @Test(arguments: errors)
    func withoutTheTableNoGaugeOfItIsGiven(_ error: ConnectionSourceError) throws {
        let stage = try RichTable.stage()
        _ = try stage.scrape()
        stage.script.next.error = error
        let text = try stage.scrape()
        let scrape = try #require(stage.lastScrape)
        #expect(!scrape.isTableRead)
        #expect(scrape.problems == ["\(error)"])
        #expect(text.names.filter { !Self.isOwn($0) } == [])
        #expect(
            text.samples(success).map(\.value)
                == Array(repeating: 0, count: CollectorName.allCases.count))
    }

    @Test func theNextScrapeIsWholeAgain() throws {
        let stage = try RichTable.stage()
        _ = try stage.scrape()
        // A socket whose holder is not found counts otherwise when it is still there at the next.
        _ = try stage.scrape()
        let whole = masked(stage.lastScrape?.exposition ?? [])
        stage.script.next.outcome.interruptions = 0
        stage.script.next.error = .flooded
        _ = try stage.scrape()
        stage.script.next.error = nil
        _ = try stage.scrape()
        #expect(stage.lastScrape?.isTableRead == true)
        #expect(stage.lastScrape?.problems == [])
        #expect(masked(stage.lastScrape?.exposition ?? []) == whole)
    }

    @Test(arguments: [nil, "", "1", "32768 ", "b a", "60999 32768", "1 70000", "-1 5", "1 2 3"])
    func withoutTheRangeOnlyItsCollectorFails(_ contents: String?) throws {
        let stage = try RichTable.stage()
        try stage.host.set(ephemeralPorts: contents)
        let text = try stage.scrape()
        let failed = text.samples(success).filter { $0.value == 0 }.map { $0["collector"] }
        #expect(stage.lastScrape?.isTableRead == true)
        #expect(failed == ["ephemeral-port"])
        #expect(stage.lastScrape?.problems.count == 1)
        #expect(stage.lastScrape?.problems.first?.contains("ip_local_port_range") == true)
        #expect(text.names.filter { $0.hasPrefix("tcptable_ephemeral") } == [])
        #expect(text["tcptable_module_connections"] != nil)
    }

    /// Not even the descriptor used to count is in it.
    @Test func anEmptyListOfTheOwnDescriptorsIsNoCount() throws {
        let stage = try RichTable.stage()
        for descriptor in 0...1 { try stage.host.remove("self/fd/\(descriptor)") }
        let text = try stage.scrape()
        #expect(text["process_open_fds"] == nil && text["process_max_fds"] != nil)
        #expect(
            stage.lastScrape?.problems == [
                "cannot count the exporter's descriptors in \(stage.host.procRoot)/self/fd"
            ])
    }

    @Test func disturbancesAreCountedAndOnlyTheLastOnesAFailure() throws {
        let stage = try RichTable.stage()
        let counter = "tcptable_table_dump_interruptions_total"
        #expect(try stage.scrape().value(counter) == 2)
        #expect(stage.lastScrape?.problems == [])
        stage.script.next.outcome = DumpOutcome(interruptions: 3, isInterrupted: true)
        let text = try stage.scrape()
        #expect(text.value(counter) == 5)
        #expect(stage.lastScrape?.isTableRead == true)
        #expect(stage.lastScrape?.problems.count == 1)
        #expect(
            text.samples(success).map(\.value)
                == Array(repeating: 0, count: CollectorName.allCases.count))
    }

    /// Before Linux 6.15, without CAP_NET_ADMIN: what is not known is not given as `in_host`.
    @Test func hiddenKernelTLSFailsTheOffloadCollectorAlone() throws {
        let stage = try RichTable.stage()
        stage.script.next.outcome = DumpOutcome(offloadProblem: .capabilityMissing)
        for _ in 0..<2 {
            let text = try stage.scrape()
            let failed = text.samples(success).filter { $0.value == 0 }.map { $0["collector"] }
            #expect(failed == ["offload"])
            #expect(text.names.filter { $0.contains("offload") } == [])
            #expect(text["tcptable_tls_connections"] == nil)
            #expect(text["tcptable_tls_sessions_total"] != nil)
            #expect(text.sum("tcptable_connections") == 23)
            #expect(stage.lastScrape?.isTableRead == true)
            #expect(stage.lastScrape?.problems.count == 1)
            #expect(stage.lastScrape?.problems.first?.contains("CAP_NET_ADMIN") == true)
        }
        stage.script.next.outcome = DumpOutcome()
        let text = try stage.scrape()
        #expect(text.value(success, ["collector": "offload"]) == 1)
        #expect(text.sum("tcptable_offload_connections") == 23)
    }

    @Test func unreadableTLSStatisticsFailTheOffloadCollectorAlone() throws {
        let stage = try RichTable.stage()
        try stage.host.spoilTLSStatistics()
        let text = try stage.scrape()
        let failed = text.samples(success).filter { $0.value == 0 }.map { $0["collector"] }
        #expect(failed == ["offload"])
        #expect(text["tcptable_tls_sessions_total"] == nil)
        #expect(text.sum("tcptable_offload_connections") == 23)
        #expect(stage.lastScrape?.problems.first?.contains("tls_stat") == true)
    }

    @Test func withoutProcEverybodyIsProtectedAndNobodyLost() throws {
        let stage = try RichTable.stage()
        stage.host.removeAll()
        let text = try stage.scrape()
        let failed = text.samples(success).filter { $0.value == 0 }.map { $0["collector"] }
        #expect(failed == ["ephemeral-port", "listener", "module", "offload", "peer", "queue"])
        #expect(text.samples("tcptable_module_connections").isEmpty)
        #expect(text.sum("tcptable_connections") == 23)
        let problems = stage.lastScrape?.problems ?? []
        #expect(problems.contains { $0.hasPrefix("cannot find socket owners: cannot open") })
    }

    private static func isOwn(_ name: String) -> Bool {
        name.hasPrefix("process_") || name.hasPrefix("tcptable_scrape_collector_")
            || name.hasPrefix("tcptable_http_")
            || name.hasPrefix("tcptable_web_config_")
            || name.hasPrefix("tcptable_exporter_")
            || name == "tcptable_table_dump_interruptions_total" || name.hasSuffix("_stuck")
    }
}

@Suite(.requires(.curl))
struct FailureOverHTTPTests {
    @Test func withoutTheTableTheAnswerIs503AndSaysWhatIsKnown() throws {
        let host = try FakeHost()
        let script = ScriptedTable.Script()
        script.next.error = .flooded
        let service = try service(script, host)
        defer { service.stop() }
        let (status, body) = try get(service)
        #expect(status == "503 text/plain; version=0.0.4; charset=utf-8")
        let text = try MetricsText(body)
        #expect(text.sum(success) == 0)
        #expect(text[success]?.samples.count == 6)
        #expect(text["tcptable_connections"] == nil)
        script.next.error = nil
        #expect(try get(service).status.hasPrefix("200 "))
    }

    @Test func aFailedCollectorIsNoFailedScrape() throws {
        let host = try FakeHost()
        try host.set(ephemeralPorts: nil)
        let service = try service(ScriptedTable.Script(), host)
        defer { service.stop() }
        let (status, body) = try get(service)
        #expect(status.hasPrefix("200 "))
        #expect(try MetricsText(body).value(success, ["collector": "ephemeral-port"]) == 0)
    }

    private func service(
        _ script: ScriptedTable.Script, _ host: FakeHost
    ) throws -> ExporterService {
        try ExporterService(
            Scraper(
                .madeUp(host), source: ScriptedTable(script: script), resolver: host.resolver()),
            reduced: Scraper(
                ScraperOptions.madeUp(host).reduced, source: ScriptedTable(script: script),
                resolver: host.resolver()),
            listening: [ListenAddress(parsing: "127.0.0.1:0")], telemetryPath: "/metrics",
            limits: ServerLimits(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func get(_ service: ExporterService) throws -> (status: String, body: [UInt8]) {
        let address = service.boundAddresses[0]
        let result = try run(
            "curl", ["-sS", "-w", "%{http_code} %{content_type}", "http://\(address)/metrics"])
        let lines = result.standardOutput.utf8Lines
        let body = lines.dropLast().map { $0 + "\n" }.joined()
        return (lines.last ?? "", Array(body.utf8))
    }
}
