import Exporter
import Exposition
import Foundation
import Procfs
import TestSupport
import Testing

@testable import TCPModel

struct GoldenTests {
    /// To record them anew: `TCPTABLE_RECORD_GOLDEN=1 swift test --filter GoldenTests`, which fails,
    /// and to look at the difference.
    @Test(arguments: [(ExpositionFormat.text, "metrics.txt"), (.openMetrics, "openmetrics.txt")])
    func theExpositionIsTheRecordedOne(_ format: ExpositionFormat, _ name: String) throws {
        let stage = try RichTable.stage()
        _ = try stage.scrape()
        let exposition = masked(stage.lastScrape?.exposition(as: format) ?? [])
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(name)")
        if ProcessInfo.processInfo.environment["TCPTABLE_RECORD_GOLDEN"] == "1" {
            try exposition.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded anew: \(name)")
        }
        let recorded = try String(contentsOf: file, encoding: .utf8)
        let (lines, expected) = (exposition.utf8Lines, recorded.utf8Lines)
        #expect(lines.difference(from: expected).map(\.described) == [])
        #expect(Array(exposition.utf8) == Array(recorded.utf8))
    }

    @Test(.requires(.prometheusClient), arguments: ["metrics.txt", "openmetrics.txt"])
    func prometheusClientReadsTheRecordedOnes(_ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(name)")
        let bytes = Array(try Data(contentsOf: file))
        let read =
            name == "metrics.txt"
            ? try PrometheusClient(readingText: bytes)
            : try PrometheusClient(readingOpenMetrics: bytes)
        #expect(read.families.count == Metric.all.count)
        #expect(
            read.families.flatMap(\.samples).contains { $0.labels["module"] == "a\"} 1" + "\nb{\\" }
        )
    }

    @Test(.requires(.promtool)) func promtoolAcceptsIt() throws {
        let stage = try RichTable.stage()
        _ = try stage.scrape()
        try expectPromtoolSilent(stage.lastScrape?.exposition ?? [])
    }

    @Test(.requires(.promtool), .requires(.networkNamespaces))
    func promtoolAcceptsABusyHost() throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["300", "3", "--churn"])
            try load.awaitOutput("ready 600\n")
            let held = try SocketScenario.allCases.map { try HeldSockets($0, .ipv6) }
            defer { for sockets in held { sockets.close() } }
            var scraper = KernelScraper()
            try expectPromtoolSilent(scraper.scrape().exposition)
            load.send(SIGTERM)
            _ = try load.wait()
        }
    }

    private func expectPromtoolSilent(_ exposition: [UInt8]) throws {
        let text = String(decoding: exposition, as: UTF8.self)
        let result = try run("promtool", ["check", "metrics"], input: text)
        #expect(result.standardOutput + result.standardError == "")
        #expect(result.status == .exited(0))
    }
}

/// The exposition with a 0 for each value that depends on time, machine or build.
func masked(_ exposition: [UInt8]) -> String {
    let lines = String(decoding: exposition, as: UTF8.self).utf8Lines.map { line in
        if line.hasPrefix("tcptable_exporter_build_info{") {
            return "tcptable_exporter_build_info 1"
        }
        let isVariable =
            line.hasPrefix("process_")
            || line.hasPrefix("tcptable_scrape_collector_duration_seconds{")
        return isVariable ? line.prefix { $0 != " " } + " 0" : line
    }
    return lines.joined(separator: "\n") + "\n"
}

extension String {
    /// By bytes: a line's end can be part of a character.
    var utf8Lines: [String] {
        utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    }
}

extension CollectionDifference<String>.Change {
    fileprivate var described: String {
        switch self {
        case .insert(_, let line, _): "+ \(line)"
        case .remove(_, let line, _): "- \(line)"
        }
    }
}
