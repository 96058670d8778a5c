import Owners
import Procfs
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

/// What scrapes cost in memory, counted and not timed. (What a row costs is held to limits in an optimized
/// build, by `Tests/Benchmarks/benchmark --micro`.)
@Suite(.requires(.countedAllocations)) struct AllocationTests {
    /// A scrape that allocated more each time would be a leak, or would become one.
    @Test func scrapesOfAnUnchangedTableCostTheSame() {
        let script = ScriptedTable.Script()
        script.next.rows = (0..<100).map { .row(.established, port: UInt16($0)) }
        var scraper = Scraper(
            ScraperOptions(host: ProcFS()), source: ScriptedTable(script: script),
            resolver: OwnerResolver(ProcFS()))
        for _ in 0..<3 { _ = scraper.scrape() }
        let counts = (0..<20).map { _ in countAllocations { _ = scraper.scrape() } }
        let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
        #expect(most <= least + least / 4, "\(counts)")
    }
}
