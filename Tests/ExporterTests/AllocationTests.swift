import Procfs
import TestSupport
import Testing

@testable import Exporter
@testable import TCPConnections

/// What a row costs a whole scrape in memory, counted and not timed.
@Suite(.requires(.countedAllocations)) struct AllocationTests {
    private func allocations(ofARow count: Int) -> UInt {
        let script = ScriptedTable.Script()
        script.next.rows = (0..<count).map { .row(.established, port: UInt16($0 % 60_000)) }
        var options = ScraperOptions(includesExporterMetrics: false)
        options.collectors = [.state, .offload, .ephemeralPort]
        var scraper = Scraper(options, source: ScriptedTable(script: script))
        for _ in 0..<3 { _ = scraper.scrape() }
        return countAllocations { _ = scraper.scrape() }
    }

    /// None in an optimized build; an unoptimized one, as tests have it, boxes one value on the way.
    @Test func aRowCostsAScrapeNoMoreThanItDid() {
        let (few, many) = (allocations(ofARow: 10), allocations(ofARow: 5_000))
        #expect(many <= few + 4_990 + 50, "\(few) with 10 rows, \(many) with 5000")
    }

    /// A scrape that allocated more each time would be a leak, or would become one.
    @Test func scrapesOfAnUnchangedTableCostTheSame() {
        let script = ScriptedTable.Script()
        script.next.rows = (0..<100).map { .row(.established, port: UInt16($0)) }
        var scraper = Scraper(ScraperOptions(), source: ScriptedTable(script: script))
        for _ in 0..<3 { _ = scraper.scrape() }
        let counts = (0..<20).map { _ in countAllocations { _ = scraper.scrape() } }
        let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
        #expect(most <= least + least / 4, "\(counts)")
    }
}
