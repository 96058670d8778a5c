import TCPModel
import TestSupport

@testable import SockDiag

/// Makes bytes that are almost right.
struct Mutator {
    /// Lengths that code gets wrong.
    private static let lengths: [UInt8] = [
        0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 72, 0x7F, 0x80, 0xFF,
    ]

    private let corpus: [[UInt8]]
    private var random: SplitMix64

    init(_ corpus: [[UInt8]], seed: UInt64) {
        self.corpus = corpus
        random = SplitMix64(seed: seed)
    }

    /// One of the corpus, changed in one to three places.
    mutating func next() -> [UInt8] {
        var bytes = corpus[random.below(corpus.count)]
        for _ in 0...random.below(3) where !bytes.isEmpty { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let offset = random.below(bytes.count)
        switch random.below(6) {
        case 0: bytes[offset] ^= 1 << UInt8(random.below(8))
        case 1: bytes[offset] = UInt8(truncatingIfNeeded: random.next())
        case 2, 3: attackLength(&bytes, at: offset & ~3)
        case 4: bytes.removeSubrange(offset...)
        default: splice(&bytes, at: offset)
        }
    }

    /// Lengths lie at multiples of four, in two bytes (attributes) or four (messages).
    private mutating func attackLength(_ bytes: inout [UInt8], at offset: Int) {
        let low = Self.lengths[random.below(Self.lengths.count)]
        let high: UInt8 = random.below(4) == 0 ? 0xFF : 0
        bytes[offset] = low
        let end = min(bytes.count, offset + (random.below(2) == 0 ? 2 : 4))
        for index in offset + 1..<max(end, offset + 1) { bytes[index] = high }
    }

    /// Puts a part of another message into this one.
    private mutating func splice(_ bytes: inout [UInt8], at offset: Int) {
        let other = corpus[random.below(corpus.count)]
        let start = random.below(other.count)
        let count = min(1 + random.below(64), other.count - start, bytes.count - offset)
        bytes.replaceSubrange(offset..<offset + count, with: other[start..<start + count])
    }
}
