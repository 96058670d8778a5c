import Foundation
import MetricsServer
import Synchronization
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import Exposition
@testable import SockDiag
@testable import TCPModel

struct ScrapeResponsesTests {
    @Test(arguments: ExpositionFormat.allCases, [ContentCoding.identity, .gzip])
    func aResponseHasItsContentType(_ format: ExpositionFormat, _ coding: ContentCoding) throws {
        let answers = try Self.answers()
        let response = answers.response(ResponseVariant(format, coding))
        #expect(response.status == 200)
        #expect(response.contentType == format.contentType)
        let headers = Dictionary(uniqueKeysWithValues: response.headers.map { ($0.name, $0.value) })
        let vary = ["Vary": "Accept, Accept-Encoding"]
        #expect(
            headers == (coding == .gzip ? vary.merging(["Content-Encoding": "gzip"]) { $1 } : vary))
    }

    @Test func everyVariantIsWrittenOnce() throws {
        let answers = try Self.answers()
        let forms = ExpositionFormat.allCases.flatMap { format in
            [
                ResponseVariant(format), ResponseVariant(format, .gzip),
                ResponseVariant(format, parts: CollectorName.state.part),
            ]
        }
        var bodies: Set<[UInt8]> = []
        for form in forms {
            let first = answers.response(form).body
            for _ in 0..<3 {
                // The same memory, and not equal bytes only.
                #expect(memory(of: answers.response(form).body) == memory(of: first))
            }
            bodies.insert(first)
        }
        #expect(bodies.count == forms.count)
    }

    /// While one scrape is under way, clients of all forms join it, and each gets its own.
    @Test func oneScrapeServesEveryVariant() throws {
        let answers = try Self.answers()
        let gate = DispatchSemaphore(value: 0)
        let scrapes = Mutex(0)
        let flight = try SingleFlight(timeMax: .seconds(3600)) {
            gate.wait()
            scrapes.withLock { $0 += 1 }
            return answers
        }
        let forms = ExpositionFormat.allCases.flatMap {
            [ResponseVariant($0), ResponseVariant($0, .gzip)]
        }
        let given = Mutex<[ResponseVariant: [UInt8]]>([:])
        let done = DispatchSemaphore(value: 0)
        for form in forms {
            flight.request { answers in
                given.withLock { $0[form] = answers.response(form).body }
                done.signal()
            }
        }
        gate.signal()
        for _ in forms { #expect(done.wait(timeout: .now() + 20) == .success) }
        #expect(scrapes.withLock { $0 } == 1)
        for form in forms {
            #expect(given.withLock { $0[form] } == answers.response(form).body)
        }
    }

    @Test func theNextScrapeDoesNotChangeTheAnswersOfTheLast() throws {
        let stage = try RichTable.stage()
        _ = try stage.scrape()
        let scrape = try #require(stage.lastScrape)
        let before = scrape.exposition(as: .openMetrics)
        _ = try stage.scrape([.row(.established), .row(.closing)])
        #expect(ScrapeResponses(scrape).response(ResponseVariant(.openMetrics)).body == before)
        #expect(stage.lastScrape?.exposition(as: .openMetrics) != before)
    }

    @Test(arguments: ExpositionFormat.allCases)
    func withoutTheTableTheAnswerIs503(_ format: ExpositionFormat) throws {
        let stage = try RichTable.stage()
        stage.script.next.error = .flooded
        _ = try stage.scrape()
        let response = ScrapeResponses(try #require(stage.lastScrape)).response(
            ResponseVariant(format))
        #expect(response.status == 503)
        #expect(response.contentType == format.contentType)
    }

    @Test(.requires(.prometheusClient)) func bothFormatsHaveTheSameValuesForAnotherParser() throws {
        let answers = try Self.answers()
        let text = try PrometheusClient(
            readingText: answers.response(ResponseVariant(.text)).body)
        let openMetrics = try PrometheusClient(
            readingOpenMetrics: answers.response(ResponseVariant(.openMetrics)).body)
        // The reader of the text format takes _total off too.
        #expect(text.families.map(\.name) == openMetrics.families.map(\.name))
        #expect(text.families.map(\.type) == openMetrics.families.map(\.type))
        #expect(text.families.map(\.help) == openMetrics.families.map(\.help))
        #expect(text.families.map(\.samples) == openMetrics.families.map(\.samples))
        #expect(openMetrics.families.count == Metric.all.count)
        #expect(
            Set(openMetrics.families.filter { !$0.unit.isEmpty }.map { "\($0.name) \($0.unit)" })
                .isSuperset(of: [
                    "process_cpu_seconds seconds", "process_resident_memory_bytes bytes",
                ]))
    }

    private static func answers() throws -> ScrapeResponses {
        let stage = try RichTable.stage()
        _ = try stage.scrape()
        return ScrapeResponses(try #require(stage.lastScrape))
    }
}

/// Where the bytes are.
private func memory(of bytes: [UInt8]) -> Int {
    unsafe bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
}

extension ResponseVariant {
    fileprivate init(
        _ format: ExpositionFormat, _ coding: ContentCoding = .identity,
        parts: ExpositionParts = .all
    ) {
        self.init(format: format, coding: coding, parts: parts)
    }
}
