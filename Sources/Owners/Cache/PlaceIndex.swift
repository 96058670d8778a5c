/// Places in a list, found by the hash of what stands there: an open-addressing table with linear
/// probing, at most half full.
///
/// It stores no keys: whoever asks compares what stands at each candidate. Nothing is removed; where
/// the list has a hole, the comparison fails and the probing goes on.
struct PlaceIndex {
    private static let minimumCapacity = 16

    /// Each is a place plus one; 0 is free.
    private var places: [UInt32]

    /// An empty index.
    ///
    /// - Parameter count: How many places it shall have room for.
    init(roomFor count: Int = 0) {
        var capacity = Self.minimumCapacity
        while capacity < count * 2 { capacity *= 2 }
        places = [UInt32](repeating: 0, count: capacity)
    }

    /// How much memory it takes.
    var byteCount: Int { places.count * MemoryLayout<UInt32>.stride }

    /// Whether a list of so many is too long for it.
    func isFull(holding count: Int) -> Bool { count * 2 > places.count }

    /// The first place with the hash of which the closure says that it is the right one.
    @inline(__always)
    func find(_ hash: UInt64, isRight: (Int) -> Bool) -> Int? {
        var slot = Int(truncatingIfNeeded: hash) & (places.count - 1)
        while places[slot] != 0 {
            let place = Int(places[slot]) - 1
            if isRight(place) { return place }
            slot = (slot + 1) & (places.count - 1)
        }
        return nil
    }

    /// Adds a place under a hash.
    mutating func insert(_ place: Int, _ hash: UInt64) {
        var slot = Int(truncatingIfNeeded: hash) & (places.count - 1)
        while places[slot] != 0 { slot = (slot + 1) & (places.count - 1) }
        places[slot] = UInt32(place + 1)
    }

    /// Another one in each process: who opens many sockets can keep those that would share a place.
    private static let seed = UInt64.random(in: .min ... .max)

    /// Fibonacci hashing: cookies are counters, and this spreads counters evenly.
    @inline(__always)
    static func hash(cookie: UInt64) -> UInt64 { ((cookie ^ seed) &* 0x9E37_79B9_7F4A_7C15) >> 32 }
}
