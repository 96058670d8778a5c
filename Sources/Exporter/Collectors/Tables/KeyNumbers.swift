/// Numbers keys in the order in which they appear: an open-addressing table with linear probing, at most
/// half full.
///
/// It is made for look-ups of every row, and keys are addresses and ports, which anyone may choose: the
/// hash depends on random numbers, so that no choice of keys makes look-ups slow.
struct KeyNumbers<Key: SeededHashable> {
    private static var minimumCapacity: Int { 64 }

    private(set) var keys: [Key] = []
    /// Each is a number plus one; 0 is free.
    private var slots = [UInt32](repeating: 0, count: minimumCapacity)
    private let seed = HashSeed()

    var count: Int { keys.count }

    /// Forgets all keys, and keeps the memory.
    mutating func removeAll() {
        guard !keys.isEmpty else { return }
        keys.removeAll(keepingCapacity: true)
        for index in slots.indices { slots[index] = 0 }
    }

    /// The key's number; nil if it has none.
    @inline(__always)
    func find(_ key: Key) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.hash(seed)) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if keys[number] == key { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The key's number, the next one if it is new.
    @inline(__always)
    mutating func number(of key: Key) -> Int {
        find(key) ?? insert(key)
    }

    /// Gives the next number to a key that has none.
    @discardableResult
    mutating func insert(_ key: Key) -> Int {
        keys.append(key)
        if keys.count * 2 > slots.count {
            slots = [UInt32](repeating: 0, count: slots.count * 2)
            for number in keys.indices { occupy(number) }
        } else {
            occupy(keys.count - 1)
        }
        return keys.count - 1
    }

    private mutating func occupy(_ number: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: keys[number].hash(seed)) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(number + 1)
    }
}

/// A key whose hash depends on a seed.
protocol SeededHashable: Equatable {
    func hash(_ seed: HashSeed) -> UInt64
}

/// Random numbers that make a hash unpredictable.
struct HashSeed {
    private let a = UInt64.random(in: .min ... .max)
    private let b = UInt64.random(in: .min ... .max)

    /// Folds two words into one by a multiplication of full width, as wyhash does
    /// (https://github.com/wangyi-fudan/wyhash).
    @inline(__always)
    func mix(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = (x ^ a).multipliedFullWidth(by: y ^ b)
        return product.high ^ product.low
    }
}
