/// The holders of sockets, cached between scrapes: which process holds each, and by which descriptor.
///
/// Keyed by the socket's cookie, which the kernel never reuses. The kernel dumps its table in the same
/// order each time, so entries are in the order of the last dump, and the next row's entry is nearly
/// always the next one: no hashing, and memory is read in sequence. An index by cookie serves the rows
/// that come out of order. A socket that a scrape did not see is dropped at its end; its entry stays as
/// a hole until there are enough holes to be worth a new order.
package struct SocketCache {
    /// The most sockets that are cached: 2²⁰, in 24 MiB, and 32 when none comes in order. The holders of
    /// others are searched for in each scrape, which costs time and no truth.
    package static let socketsMax = 1 << 20

    struct Entry {
        /// 0 is a hole.
        fileprivate(set) var cookie: UInt64
        /// The descriptor's number in its holder.
        var descriptor: UInt32
        fileprivate var bits: UInt32

        /// The process that holds it.
        var owner: ProcessSlot {
            get { ProcessSlot(rawValue: bits >> 2) }
            set { bits = newValue.rawValue << 2 | bits & 0b11 }
        }

        /// Whether the holder is to be verified at the next scrape: sockets change hands soon after
        /// they are made, if they do.
        var needsVerification: Bool {
            get { bits & 0b10 != 0 }
            set { bits = newValue ? bits | 0b10 : bits & ~0b10 }
        }

        mutating func note(
            _ owner: ProcessSlot, _ descriptor: UInt32, needsVerification: Bool
        ) {
            self.descriptor = descriptor
            bits = owner.rawValue << 2 | (needsVerification ? 0b10 : 0) | parity
        }

        /// The parity of the scrape that saw the socket last.
        fileprivate var parity: UInt32 {
            get { bits & 0b01 }
            set { bits = bits & ~0b01 | newValue }
        }
    }

    /// One in so many entries may be a hole or out of order before all are sorted anew.
    private static let disorderShare = 8

    private var entries: [Entry] = []
    private var index = PlaceIndex()
    /// How many entries are indexed: a first scrape, which may be the only one, needs no index.
    private var indexedCount = 0
    /// The entry that the next row is expected to have, and the one after the last that came out of
    /// order: where it goes on if the order changed there for good.
    private var next = 0
    private var resyncPosition = 0
    /// The entries seen in this scrape, in the order of the table: finished runs of consecutive
    /// entries, and the run in progress.
    private var visits: [Range<UInt32>] = []
    private var run: Range<UInt32> = 0..<0
    private var seenCount = 0
    private var outOfOrderCount = 0
    private var parity: UInt32 = 0
    private var isSwept = true
    /// How many sockets are cached.
    package private(set) var count = 0
    private let socketsMax: Int

    package init(socketsMax: Int = Self.socketsMax) {
        self.socketsMax = socketsMax
    }

    /// How much memory all this takes.
    var byteCount: Int {
        entries.capacity * MemoryLayout<Entry>.stride
            + visits.capacity * MemoryLayout<Range<UInt32>>.stride + index.byteCount
    }

    /// The entry at a place that `lookUp`, `find` or `insert` returned, before anything moved.
    subscript(index: Int) -> Entry {
        get { entries[index] }
        set { entries[index] = newValue }
    }

    /// Where the socket's entry is.
    func find(_ cookie: UInt64) -> Int? {
        guard cookie != 0 else { return nil }
        return index.find(PlaceIndex.hash(cookie: cookie)) { entries[$0].cookie == cookie }
            ?? entries[indexedCount...].firstIndex { $0.cookie == cookie }
    }

    /// Where the socket's entry is, which counts as seen in this scrape.
    @inline(__always)
    mutating func lookUp(_ cookie: UInt64) -> Int? {
        let expected = next
        if expected < entries.count, entries[expected].cookie == cookie, cookie != 0 {
            next = expected + 1
            visit(expected)
            return expected
        }
        return lookUpOutOfOrder(cookie)
    }

    /// Makes an entry for a socket that has none, and returns its place; nil when the cache is full, and
    /// for the cookie 0, which no socket has.
    mutating func insert(_ cookie: UInt64) -> Int? {
        guard cookie != 0, count < socketsMax else { return nil }
        if entries.count == socketsMax { order([0..<UInt32(entries.count)]) }
        let place = entries.count
        entries.reserve(atMost: socketsMax)
        entries.append(Entry(cookie: cookie, descriptor: 0, bits: parity ^ 1))
        count += 1
        outOfOrderCount += 1
        visit(place)
        return place
    }

    /// Makes room for sockets that are inserted next, most of them new.
    mutating func reserve(_ newCount: Int) {
        let needed = min(entries.count + newCount, socketsMax)
        // Else it grows by twice its room, which copies each entry once.
        if needed > entries.capacity * 2 { entries.reserveCapacity(needed) }
    }

    /// Begins a scrape: no socket has been seen, except those of a scrape that was abandoned.
    mutating func beginScrape() {
        updateIndex()
        guard isSwept else { return }
        parity ^= 1
        isSwept = false
        next = 0
        resyncPosition = 0
        seenCount = 0
        visits.removeAll(keepingCapacity: true)
        run = 0..<0
    }

    /// Drops the sockets that this scrape did not see, and returns their entries.
    mutating func sweep() -> [Entry] {
        var dropped: [Entry] = []
        if seenCount < count {
            for place in entries.indices
            where entries[place].cookie != 0 && entries[place].parity != parity {
                dropped.append(entries[place])
                entries[place].cookie = 0
            }
            count = seenCount
        }
        let disorder = entries.count - count + outOfOrderCount
        if disorder > count / Self.disorderShare { order(visits + [run]) }
        isSwept = true
        return dropped
    }
}

// MARK: - Order

extension SocketCache {
    @inline(__always)
    private mutating func visit(_ place: Int) {
        guard entries[place].parity != parity else { return }
        entries[place].parity = parity
        seenCount += 1
        noteVisit(UInt32(truncatingIfNeeded: place))
    }

    @inline(__always)
    private mutating func noteVisit(_ place: UInt32) {
        if place == run.upperBound {
            run = run.lowerBound..<place + 1
        } else {
            if !run.isEmpty {
                visits.reserve(atMost: socketsMax)
                visits.append(run)
            }
            run = place..<place + 1
        }
    }

    /// Looks behind the holes, at the resync position, and then everywhere.
    private mutating func lookUpOutOfOrder(_ cookie: UInt64) -> Int? {
        guard cookie != 0 else { return nil }
        while next < entries.count, entries[next].cookie == 0 { next += 1 }
        if next < entries.count, entries[next].cookie == cookie { return lookUp(cookie) }
        if resyncPosition < entries.count, entries[resyncPosition].cookie == cookie {
            next = resyncPosition
            return lookUp(cookie)
        }
        updateIndex()
        guard let place = find(cookie) else { return nil }
        outOfOrderCount += 1
        resyncPosition = place + 1
        visit(place)
        return place
    }

    /// Indexes the entries that were made since.
    private mutating func updateIndex() {
        guard indexedCount < entries.count else { return }
        if index.isFull(holding: entries.count) {
            index = PlaceIndex(roomFor: entries.count)
            indexedCount = 0
        }
        for place in indexedCount..<entries.count where entries[place].cookie != 0 {
            index.insert(place, PlaceIndex.hash(cookie: entries[place].cookie))
        }
        indexedCount = entries.count
    }

    /// Sorts the entries by the given runs, leaving holes out. Places move.
    private mutating func order(_ places: [Range<UInt32>]) {
        var ordered: [Entry] = []
        ordered.reserveCapacity(count)
        for place in places.joined() where entries[Int(place)].cookie != 0 {
            ordered.append(entries[Int(place)])
        }
        entries = ordered
        index = PlaceIndex(roomFor: entries.count)
        indexedCount = 0
        updateIndex()
        visits = []
        run = 0..<0
        for place in entries.indices where entries[place].parity == parity {
            noteVisit(UInt32(place))
        }
        outOfOrderCount = 0
    }
}

extension Array {
    /// Makes room for another element: twice the room, and no more than for so many.
    @inline(__always)
    fileprivate mutating func reserve(atMost countMax: Int) {
        if count == capacity { reserveCapacity(Swift.min(Swift.max(count * 2, 64), countMax)) }
    }
}
