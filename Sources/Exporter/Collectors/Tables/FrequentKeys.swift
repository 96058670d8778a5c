/// How often the most frequent of many keys occurs, in bounded memory (J. Misra and D. Gries, *Finding
/// repeated elements*, 1982).
///
/// Up to `keysMax` different keys it is exact. Of n occurrences of more keys, it is at most
/// n / (`keysMax` + 1) too low, and never too high.
struct FrequentKeys<Key: SeededHashable> {
    private let keysMax: Int
    private var numbers = KeyNumbers<Key>()
    /// How often each key occurred, less what `discount` took away.
    private var counts: [UInt32] = []

    init(keysMax: Int) {
        self.keysMax = keysMax
    }

    mutating func removeAll() {
        numbers.removeAll()
        counts.removeAll(keepingCapacity: true)
    }

    var greatestCount: UInt64 { UInt64(counts.max() ?? 0) }

    /// The keys that are kept, with their counts.
    var counted: [(key: Key, count: UInt32)] {
        zip(numbers.keys, counts).map { (key: $0, count: $1) }
    }

    @inline(__always)
    mutating func count(_ key: Key) {
        if let number = numbers.find(key) {
            counts[number] += 1
        } else if counts.count < keysMax {
            numbers.insert(key)
            counts.append(1)
        } else {
            discount()
        }
    }

    /// Takes one from every key, the new one included. That costs as much as `keysMax` occurrences, and
    /// takes as many away: all calls together cost no more than all occurrences.
    private mutating func discount() {
        let kept = zip(numbers.keys, counts).filter { $0.1 > 1 }
        removeAll()
        for (key, count) in kept {
            numbers.insert(key)
            counts.append(count - 1)
        }
    }
}
