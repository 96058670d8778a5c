/// A set of TCP ports, a bit each.
package struct PortSet: Equatable, Sendable {
    @usableFromInline var words = [UInt64](repeating: 0, count: 65_536 / UInt64.bitWidth)

    /// No ports.
    package init() {}

    /// The ports of a range.
    package init(_ range: ClosedRange<UInt16>) {
        let first = Int(range.lowerBound), last = Int(range.upperBound)
        for index in first >> 6...last >> 6 { words[index] = .max }
        words[first >> 6] &= .max << UInt64(first & 63)
        words[last >> 6] &= .max >> UInt64(63 - last & 63)
    }

    /// How many ports there are.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    @inlinable package func contains(_ port: UInt16) -> Bool {
        words[Int(port >> 6)] & 1 << UInt64(port & 63) != 0
    }

    @inlinable package mutating func insert(_ port: UInt16) {
        words[Int(port >> 6)] |= 1 << UInt64(port & 63)
    }

    package mutating func remove(_ port: UInt16) {
        words[Int(port >> 6)] &= ~(1 << UInt64(port & 63))
    }

    /// Removes all ports, and keeps the memory.
    package mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    /// How many ports are in both sets.
    package func countInCommon(with other: PortSet) -> Int {
        zip(words, other.words).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount }
    }
}
