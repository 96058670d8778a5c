import TCPModel

/// The places of a list in the order of the inodes that stand there.
///
/// A table of hashes jumps through memory for each of a million sockets. A process' descriptors name inodes
/// nearly in order, so that each search here goes the way of the one before, through memory that the processor
/// has at hand.
struct InodeIndex {
    /// So many are sorted faster by comparing them.
    private static let comparedCountMax = 4096
    /// 32 bits of an inode are three digits.
    private static let digitBitCount = 11

    /// The inode in the upper half, its place in the lower one.
    private var keys: [UInt64]

    /// An empty index.
    init() { keys = [] }

    /// - Parameter inodes: The inodes by place; those that are `none` are in no index.
    init(_ inodes: some Collection<SocketInode>) {
        keys = []
        keys.reserveCapacity(inodes.count)
        for (place, inode) in inodes.enumerated() where inode != .none {
            keys.append(UInt64(inode.rawValue) << 32 | UInt64(place))
        }
        if keys.count > Self.comparedCountMax { sortByDigits() } else { keys.sort() }
    }

    /// How many places are in it.
    var count: Int { keys.count }

    /// The place with a rank in the order of inodes.
    subscript(rank: Int) -> Int { Int(truncatingIfNeeded: keys[rank] & 0xFFFF_FFFF) }

    /// Whether the place with this rank has the inode of the one before.
    func isRepeated(_ rank: Int) -> Bool {
        rank > 0 && keys[rank] >> 32 == keys[rank - 1] >> 32
    }

    /// The rank of the first place where the inode stands; nil if it stands nowhere.
    @inline(__always)
    func firstRank(of inode: SocketInode) -> Int? {
        let wanted = UInt64(inode.rawValue) << 32
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < keys.count, keys[low] >> 32 == UInt64(inode.rawValue) else { return nil }
        return low
    }

    /// A radix sort from the lowest digit: places are in order already, and stay so.
    private mutating func sortByDigits() {
        var sorted = [UInt64](repeating: 0, count: keys.count)
        for shift in stride(from: 32, to: UInt64.bitWidth, by: Self.digitBitCount) {
            let digit = { (key: UInt64) in
                Int(truncatingIfNeeded: key >> UInt64(shift)) & (1 << Self.digitBitCount - 1)
            }
            var ends = [Int](repeating: 0, count: 1 << Self.digitBitCount + 1)
            for key in keys { ends[digit(key) + 1] += 1 }
            for digit in ends.indices.dropFirst() { ends[digit] += ends[digit - 1] }
            for key in keys {
                sorted[ends[digit(key)]] = key
                ends[digit(key)] += 1
            }
            swap(&keys, &sorted)
        }
    }
}
