import Procfs
import TCPConnections
import TestSupport
import Testing

@testable import OwnerModules

/// What a known connection costs in memory, counted and not timed.
@Suite(.requires(.countedAllocations)) struct AllocationTests {
    /// None in an optimized build; an unoptimized one, as tests have it, boxes one value on the way.
    @Test(arguments: [10, 400])
    func aConnectionWithAKnownOwnerCostsNoMoreThanItDid(_ count: Int) throws {
        let proc = try FakeProc()
        let inodes = (0..<count).map { 500 + UInt32($0) }
        let sockets = inodes.map { ($0 - 490, $0) }
        try proc.put(
            10, .init(executable: "/bin/a", sockets: Dictionary(uniqueKeysWithValues: sockets)))
        // Cookies of which none is verified in these scrapes.
        let rows = inodes.map { TCPConnection.row(inode: $0, cookie: UInt64($0) * 64 + 1) }
        var attribution = OwnerAttribution(
            procfs: proc.procfs, cgroupfs: CgroupFS(mount: "/nonexistent"))
        for _ in 0..<3 { #expect(attribution.scrape(rows)["process a"] == UInt64(count)) }
        attribution.beginScrape()
        var given: UInt64 = 0
        let allocations = countAllocations {
            for row in rows { attribution.take(row) { tally, _ in given += tally.count } }
            attribution.endTable { tally, _ in given += tally.count }
        }
        #expect(given == UInt64(count))
        #expect(allocations <= UInt(count))
        _ = attribution.finish()
    }
}
