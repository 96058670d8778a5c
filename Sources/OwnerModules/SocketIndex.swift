/// Places of a list by cookie: an open-addressing table with linear probing, at most half full.
///
/// It knows no cookies but the hashes: whoever asks compares. Nothing is taken out; where the list has
/// a hole, the comparison fails and the search goes on.
struct SocketIndex {
    private static let minimumCapacity = 1024

    /// Each is a place, one added; 0 is free.
    private var places: [UInt32]

    /// The index of a list, of which 0 is a hole.
    init(_ cookies: some Collection<UInt64> = EmptyCollection()) {
        var capacity = Self.minimumCapacity
        while capacity < cookies.count * 2 { capacity *= 2 }
        places = [UInt32](repeating: 0, count: capacity)
        for (place, cookie) in cookies.enumerated() where cookie != 0 { insert(place, cookie) }
    }

    /// How much memory it takes.
    var byteCount: Int { places.count * MemoryLayout<UInt32>.stride }

    /// Whether a list of so many is too long for it.
    func isFull(holding count: Int) -> Bool { count * 2 > places.count }

    /// The place of which the closure says that it has the cookie.
    func find(_ cookie: UInt64, isThere: (Int) -> Bool) -> Int? {
        var slot = home(of: cookie)
        while places[slot] != 0 {
            let place = Int(places[slot]) - 1
            if isThere(place) { return place }
            slot = (slot + 1) & (places.count - 1)
        }
        return nil
    }

    /// Notes the place of a cookie that has none yet.
    mutating func insert(_ place: Int, _ cookie: UInt64) {
        var slot = home(of: cookie)
        while places[slot] != 0 { slot = (slot + 1) & (places.count - 1) }
        places[slot] = UInt32(place + 1)
    }

    /// Fibonacci hashing: cookies are counters, and this spreads counters evenly.
    private func home(of cookie: UInt64) -> Int {
        let hash = cookie &* 0x9E37_79B9_7F4A_7C15
        return Int(hash >> 32) & (places.count - 1)
    }
}
