/// What is remembered of sockets from scrape to scrape: who holds each, and by which descriptor.
///
/// An open-addressing table with linear probing, keyed by the socket's cookie, which the kernel never
/// uses again. Sixteen bytes an entry, at most seven eighths full; a socket that was not seen in a
/// scrape is forgotten at its end.
package struct SocketCache {
    /// The most sockets that are remembered: 2²⁰, in 32 MiB. Sockets beyond are looked for anew in each
    /// scrape, which costs time and no truth.
    package static let socketsMax = 1 << 20

    struct Entry {
        fileprivate var cookie: UInt64
        /// The descriptor's number in its holder.
        var descriptor: UInt32
        fileprivate var bits: UInt32

        fileprivate static let empty = Entry(cookie: 0, descriptor: 0, bits: 0)

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

    private static let minimumCapacity = 1024

    private var entries = [Entry](repeating: .empty, count: minimumCapacity)
    private var parity: UInt32 = 0
    private var isSwept = true
    /// How many sockets are remembered.
    package private(set) var count = 0
    private let socketsMax: Int

    package init(socketsMax: Int = Self.socketsMax) {
        self.socketsMax = socketsMax
    }

    /// How much memory the table takes.
    var byteCount: Int { entries.count * MemoryLayout<Entry>.stride }

    /// The entry at an index that `find` or `insert` gave and nothing has moved since.
    subscript(index: Int) -> Entry {
        get { entries[index] }
        set { entries[index] = newValue }
    }

    /// Where the socket's entry is.
    func find(_ cookie: UInt64) -> Int? {
        let index = place(of: cookie)
        return entries[index].cookie == cookie && cookie != 0 ? index : nil
    }

    /// The socket's entry, now seen in this scrape, if it is at the place where it would be.
    @inline(__always)
    mutating func see(_ cookie: UInt64, at place: Int) -> Entry? {
        guard entries[place].cookie == cookie, cookie != 0 else { return nil }
        entries[place].parity = parity
        return entries[place]
    }

    /// Makes an entry for a socket that has none, and gives its place; nil when the table holds all
    /// it may, and for the cookie 0, which no socket has.
    mutating func insert(_ cookie: UInt64) -> Int? {
        guard cookie != 0, count < socketsMax else { return nil }
        var index = place(of: cookie)
        if (count + 1) * 8 > entries.count * 7 {
            grow()
            index = place(of: cookie)
        }
        entries[index] = Entry(cookie: cookie, descriptor: 0, bits: parity)
        count += 1
        return index
    }

    /// Begins a scrape: no socket is seen yet, but for those of a scrape that did not come to its end.
    mutating func beginScrape() {
        guard isSwept else { return }
        parity ^= 1
        isSwept = false
    }

    /// Forgets the sockets that this scrape did not see, telling of each.
    mutating func sweep(_ forget: (Entry) -> Void) {
        var index = 0
        while index < entries.count {
            if entries[index].cookie != 0, entries[index].parity != parity {
                forget(entries[index])
                remove(at: index)  // Another entry may have moved here: look again.
            } else {
                index += 1
            }
        }
        shrinkIfSparse()
        isSwept = true
    }

    /// The index of the cookie's entry, or of the free one where it belongs.
    @inline(__always)
    func place(of cookie: UInt64) -> Int {
        var index = home(of: cookie)
        while entries[index].cookie != cookie, entries[index].cookie != 0 {
            index = (index + 1) & (entries.count - 1)
        }
        return index
    }

    /// Fibonacci hashing: cookies are counters, and this spreads counters evenly.
    @inline(__always)
    private func home(of cookie: UInt64) -> Int {
        let hash = cookie &* 0x9E37_79B9_7F4A_7C15
        return Int(hash >> 32) & (entries.count - 1)
    }

    /// Takes an entry out and closes the gap, so that each stays reachable from its home.
    private mutating func remove(at removed: Int) {
        let mask = entries.count - 1
        var gap = removed
        var index = (gap + 1) & mask
        while entries[index].cookie != 0 {
            let distance = (index - home(of: entries[index].cookie)) & mask
            if distance >= (index - gap) & mask {
                entries[gap] = entries[index]
                gap = index
            }
            index = (index + 1) & mask
        }
        entries[gap] = .empty
        count -= 1
    }

    private mutating func grow() { resize(to: entries.count * 2) }

    /// Gives memory back after a peak.
    private mutating func shrinkIfSparse() {
        var capacity = entries.count
        while capacity > Self.minimumCapacity, count * 8 < capacity { capacity /= 2 }
        if capacity < entries.count { resize(to: capacity) }
    }

    private mutating func resize(to capacity: Int) {
        let old = entries
        entries = [Entry](repeating: .empty, count: capacity)
        for entry in old where entry.cookie != 0 { entries[place(of: entry.cookie)] = entry }
    }
}
