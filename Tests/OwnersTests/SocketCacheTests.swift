import Testing

@testable import Owners

struct SocketCacheTests {
    /// What the cache is to be, in the plainest words.
    private struct Model {
        var owners: [UInt64: ProcessSlot] = [:]
        var seen: Set<UInt64> = []

        /// Forgets what was not seen, and says whose it was.
        mutating func sweep() -> [UInt32: Int] {
            let gone = owners.filter { !seen.contains($0.key) }
            owners = owners.filter { seen.contains($0.key) }
            return gone.values.reduce(into: [:]) { $0[$1.rawValue, default: 0] += 1 }
        }
    }

    /// Scrapes of tables that swell and shrink, with few cookies, so that many come again.
    @Test(arguments: [300, 5_000, 1 << 40] as [UInt64])
    func itIsADictionaryThatForgets(_ cookieMax: UInt64) {
        var cache = SocketCache()
        var model = Model()
        var operations = 0
        var scrape = 0
        while operations < 70_000 {
            scrape += 1
            cache.beginScrape()
            model.seen = []
            let size = Int.random(in: 0...(scrape % 5 == 0 ? 4_000 : 400))
            for _ in 0..<size { lookUp(.random(in: 0...cookieMax), &cache, &model) }
            for cookie in model.owners.keys where .random() { lookUp(cookie, &cache, &model) }
            operations += size + model.owners.count
            var forgotten: [UInt32: Int] = [:]
            for entry in cache.sweep() { forgotten[entry.owner.rawValue, default: 0] += 1 }
            #expect(forgotten == model.sweep())
            for _ in 0..<10 { insert(.random(in: 0...cookieMax), &cache, &model) }
            #expect(agrees(cache, model))
        }
    }

    private func lookUp(_ cookie: UInt64, _ cache: inout SocketCache, _ model: inout Model) {
        let entry = cache.lookUp(cookie).map { cache[$0] }
        if entry?.owner != model.owners[cookie] { Issue.record("\(cookie) has another owner") }
        if entry == nil { insert(cookie, &cache, &model) }
        if model.owners[cookie] != nil { model.seen.insert(cookie) }
    }

    private func insert(_ cookie: UInt64, _ cache: inout SocketCache, _ model: inout Model) {
        guard model.owners[cookie] == nil else { return }
        let owner = ProcessSlot(rawValue: .random(in: 0..<1 << 30))
        guard let index = cache.insert(cookie) else {
            if cookie != 0 { Issue.record("\(cookie) was not taken") }
            return
        }
        let needsVerification = Bool.random()
        cache[index].needsVerification = needsVerification
        cache[index].owner = owner
        cache[index].descriptor = UInt32(truncatingIfNeeded: cookie)
        if cache[index].needsVerification != needsVerification {
            Issue.record("an owner changed youth")
        }
        model.owners[cookie] = owner
        model.seen.insert(cookie)
    }

    private func agrees(_ cache: SocketCache, _ model: Model) -> Bool {
        guard cache.count == model.owners.count else { return false }
        return model.owners.allSatisfy { cookie, owner in
            guard let index = cache.find(cookie) else { return false }
            return cache[index].owner == owner
                && cache[index].descriptor == UInt32(truncatingIfNeeded: cookie)
        }
    }

    /// The order of the dump is a guess at where an entry is, and no more.
    @Test func anyOrderOfRowsFindsTheSameEntries() {
        var cache = SocketCache()
        var cookies = Array(1...2_000 as ClosedRange<UInt64>)
        for cookie in cookies { _ = cache.insert(cookie) }
        for cookie in cookies { cache.find(cookie).map { cache[$0].descriptor = UInt32(cookie) } }
        for scrape in 0..<40 as Range<UInt64> {
            cache.beginScrape()
            switch scrape % 4 {
            case 0: cookies.shuffle()
            case 1: cookies.reverse()
            case 2: cookies.removeSubrange(100..<120)
            default: break
            }
            for cookie in cookies {
                let entry = cache.lookUp(cookie).map { cache[$0] }
                if entry?.descriptor != UInt32(cookie) { Issue.record("\(cookie) is another's") }
            }
            _ = cache.sweep()
            #expect(cache.count == cookies.count)
        }
    }

    @Test func noSocketHasTheCookieZero() {
        var cache = SocketCache()
        #expect(cache.insert(0) == nil)
        #expect(cache.find(0) == nil)
        #expect(cache.lookUp(0) == nil)
        #expect(cache.count == 0)
    }

    @Test func itGrowsToItsLimitAndGivesMemoryBack() {
        var cache = SocketCache(socketsMax: 10_000)
        cache.beginScrape()
        for cookie in 1...10_000 as ClosedRange<UInt64> { #expect(cache.insert(cookie) != nil) }
        #expect(cache.insert(10_001) == nil)
        #expect(cache.count == 10_000)
        // Without an index, of which nothing was asked.
        #expect((10_000 * 16...10_000 * 16 + 8192).contains(cache.byteCount))
        _ = cache.sweep()
        cache.beginScrape()
        #expect((10_000 * 24...10_000 * 16 + 4 * 32_768 + 8192).contains(cache.byteCount))
        #expect(cache.lookUp(7) != nil)
        _ = cache.sweep()
        #expect(cache.count == 1)
        #expect(cache.find(7) != nil)
        #expect(cache.byteCount < 8 * 1024)
        #expect(cache.insert(10_001) != nil)
    }

    @Test func theMostItTakesIsTwentyFourMebibytesAndThirtyTwoWhereNoRowComesInItsTurn() {
        var cache = SocketCache()
        let cookies = 1...UInt64(SocketCache.socketsMax)
        for cookie in cookies where cache.insert(cookie) == nil {
            Issue.record("\(cookie) was not taken")
        }
        #expect(cache.insert(1 << 50) == nil)
        #expect((16 << 20...(16 << 20) + 8192).contains(cache.byteCount))
        _ = cache.sweep()
        cache.beginScrape()
        #expect((24 << 20...(24 << 20) + 8192).contains(cache.byteCount))
        for cookie in cookies.reversed() where cache.lookUp(cookie) == nil {
            Issue.record("\(cookie) was forgotten")
        }
        #expect((32 << 20...(32 << 20) + 8192).contains(cache.byteCount))
        _ = cache.sweep()
        // In their new order.
        cache.beginScrape()
        #expect(cache.lookUp(cookies.upperBound) == 0)
        #expect(cache.lookUp(cookies.upperBound - 1) == 1)
    }

    @Test func aScrapeThatDoesNotEndForgetsNothingAndKeepsNothingForGood() {
        var cache = SocketCache()
        cache.beginScrape()
        #expect(cache.insert(1) != nil)
        #expect(cache.insert(2) != nil)
        _ = cache.sweep()
        cache.beginScrape()  // and the table cannot be read
        cache.beginScrape()
        #expect(cache.lookUp(1) != nil)
        _ = cache.sweep()
        #expect(cache.find(1) != nil)
        #expect(cache.find(2) == nil)
    }
}
