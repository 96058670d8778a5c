/// What is remembered of sockets from scrape to scrape: who holds each, and by which descriptor.
///
/// Keyed by the socket's cookie, which the kernel never uses again. The kernel dumps its table in the
/// same order each time, so entries stand in the order of the last dump, and the next row's is nearly
/// always the next entry: no hashing, and memory is read in a line. An index by cookie serves the rows
/// that come out of turn. A socket that was not seen in a scrape is forgotten at its end; its entry
/// stays as a hole until there are enough of them to be worth a new order.
package struct SocketCache {
    /// The most sockets that are remembered: 2²⁰, in 24 MiB, and 32 when none comes in its turn. Sockets
    /// beyond are looked for anew in each scrape, which costs time and no truth.
    package static let socketsMax = 1 << 20

    struct Entry {
        /// 0 is a hole.
        fileprivate(set) var cookie: UInt64
        /// The descriptor's number in its holder.
        var descriptor: UInt32
        fileprivate var bits: UInt32

        /// Who holds it.
        var owner: OwnerSlot {
            get { OwnerSlot(rawValue: bits >> 2) }
            set { bits = newValue.rawValue << 2 | bits & 0b11 }
        }

        /// Whether the answer is fresh and not verified yet: sockets change hands soon after their
        /// birth, if they do.
        var isYoung: Bool {
            get { bits & 0b10 != 0 }
            set { bits = newValue ? bits | 0b10 : bits & ~0b10 }
        }

        /// The parity of the scrape that saw the socket last.
        fileprivate var parity: UInt32 {
            get { bits & 0b01 }
            set { bits = bits & ~0b01 | newValue }
        }
    }

    /// One in so many entries may be a hole or out of turn before all are put in order.
    private static let disorderShare = 8

    private var entries: [Entry] = []
    private var index = SocketIndex()
    /// How many entries the index knows: at a first scrape, which may be the only one, it is not asked.
    private var indexedCount = 0
    /// The entry that the next row is expected to have, and the one after the last that came out of
    /// turn: where it goes on if the order changed there for good.
    private var next = 0
    private var detour = 0
    /// The entries seen in this scrape, in the order of the table: those before, and those of now that
    /// follow each other.
    private var visits: [Range<UInt32>] = []
    private var streak: Range<UInt32> = 0..<0
    private var seenCount = 0
    private var strayCount = 0
    private var parity: UInt32 = 0
    private var isSwept = true
    /// How many sockets are remembered.
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

    /// The entry at an index that `see`, `find` or `insert` gave and nothing has moved since.
    subscript(index: Int) -> Entry {
        get { entries[index] }
        set { entries[index] = newValue }
    }

    /// Where the socket's entry is.
    func find(_ cookie: UInt64) -> Int? {
        guard cookie != 0 else { return nil }
        return index.find(cookie) { entries[$0].cookie == cookie }
            ?? entries[indexedCount...].firstIndex { $0.cookie == cookie }
    }

    /// Where the socket's entry is, now seen in this scrape.
    @inline(__always)
    mutating func see(_ cookie: UInt64) -> Int? {
        let expected = next
        if expected < entries.count, entries[expected].cookie == cookie, cookie != 0 {
            next = expected + 1
            visit(expected)
            return expected
        }
        return seeOutOfTurn(cookie)
    }

    /// Makes an entry for a socket that has none, and gives its place; nil when as many are remembered
    /// as may be, and for the cookie 0, which no socket has.
    mutating func insert(_ cookie: UInt64) -> Int? {
        guard cookie != 0, count < socketsMax else { return nil }
        if entries.count == socketsMax { order([0..<UInt32(entries.count)]) }
        let place = entries.count
        entries.reserve(atMost: socketsMax)
        entries.append(Entry(cookie: cookie, descriptor: 0, bits: parity ^ 1))
        count += 1
        strayCount += 1
        visit(place)
        return place
    }

    /// Begins a scrape: no socket is seen yet, but for those of a scrape that did not come to its end.
    mutating func beginScrape() {
        updateIndex()
        guard isSwept else { return }
        parity ^= 1
        isSwept = false
        next = 0
        detour = 0
        seenCount = 0
        visits.removeAll(keepingCapacity: true)
        streak = 0..<0
    }

    /// Forgets the sockets that this scrape did not see, telling of each.
    mutating func sweep(_ forget: (Entry) -> Void) {
        if seenCount < count {
            for place in entries.indices
            where entries[place].cookie != 0 && entries[place].parity != parity {
                forget(entries[place])
                entries[place].cookie = 0
            }
            count = seenCount
        }
        let disorder = entries.count - count + strayCount
        if disorder > count / Self.disorderShare { order(visits + [streak]) }
        isSwept = true
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
        if place == streak.upperBound {
            streak = streak.lowerBound..<place + 1
        } else {
            if !streak.isEmpty {
                visits.reserve(atMost: socketsMax)
                visits.append(streak)
            }
            streak = place..<place + 1
        }
    }

    /// Looks past the holes, on the detour, and then everywhere.
    private mutating func seeOutOfTurn(_ cookie: UInt64) -> Int? {
        guard cookie != 0 else { return nil }
        while next < entries.count, entries[next].cookie == 0 { next += 1 }
        if next < entries.count, entries[next].cookie == cookie { return see(cookie) }
        if detour < entries.count, entries[detour].cookie == cookie {
            next = detour
            return see(cookie)
        }
        updateIndex()
        guard let place = find(cookie) else { return nil }
        strayCount += 1
        detour = place + 1
        visit(place)
        return place
    }

    /// Lets the index know the entries that were made since.
    private mutating func updateIndex() {
        guard indexedCount < entries.count else { return }
        if index.isFull(holding: entries.count) {
            index = SocketIndex(entries.lazy.map(\.cookie))
        } else {
            for place in indexedCount..<entries.count {
                index.insert(place, entries[place].cookie)
            }
        }
        indexedCount = entries.count
    }

    /// Puts the entries at the places into their order, leaving holes out. Places move.
    private mutating func order(_ places: [Range<UInt32>]) {
        var ordered: [Entry] = []
        ordered.reserveCapacity(count)
        for place in places.joined() where entries[Int(place)].cookie != 0 {
            ordered.append(entries[Int(place)])
        }
        entries = ordered
        index = SocketIndex(entries.lazy.map(\.cookie))
        indexedCount = entries.count
        visits = []
        streak = 0..<0
        for place in entries.indices where entries[place].parity == parity {
            noteVisit(UInt32(place))
        }
        strayCount = 0
    }
}

extension Array {
    /// Makes room for another element: twice the room, and no more than for so many.
    @inline(__always)
    fileprivate mutating func reserve(atMost countMax: Int) {
        if count == capacity { reserveCapacity(Swift.min(Swift.max(count * 2, 64), countMax)) }
    }
}
