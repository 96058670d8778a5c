import Exposition

/// The sums of samples with the same key.
struct GroupedSums<Key: Hashable> {
    private var values: [Key: Double] = [:]

    init(_ samples: [WrittenSample], by key: (WrittenSample) -> Key) {
        for sample in samples { values[key(sample), default: 0] += sample.value }
    }

    /// 0 if no sample has this key.
    subscript(key: Key) -> Double { values[key] ?? 0 }
}
