import TCPModel

/// Rows without a holder, or with one that holds them for others, that share everything their owner
/// depends on.
struct UnownedGroup: Hashable {
    /// Why there is no holder.
    enum Cause: Hashable {
        /// Nothing could tell: `time_wait`, or closed without a cgroup.
        case unknowable
        /// No program has accepted it: it arrived at this address, port and interface.
        case notAccepted(IPAddress, port: UInt16, interface: UInt32, isQueued: Bool)
        /// Its program has closed it.
        case orphaned
        /// It was closed after the table was read.
        case closed
        /// Only a service manager holds it.
        case managed(ProcessSlot)
        /// It has a descriptor, which an earlier search did not find; root or the kernel created it, or
        /// another user did.
        case unseen(isRoots: Bool)
        /// It has a descriptor, which the search of this scrape did not find.
        case missing
    }

    var table: UInt16
    var cause: Cause
    var cgroup: CgroupID?
}

/// The groups of one scrape, numbered as they appear.
struct UnownedGroups {
    /// The group of rows about which nothing is known.
    static let unknowable = 0

    private(set) var groups: [UnownedGroup]
    /// How many rows each group has, as far as they were counted.
    private(set) var counts: [UInt64] = [0]
    private var numbers: [UnownedGroup: Int] = [:]
    /// The last answer: similar rows follow each other.
    private var last: (group: UnownedGroup, number: Int)

    init() {
        let unknowable = UnownedGroup(table: 0, cause: .unknowable, cgroup: nil)
        groups = [unknowable]
        last = (unknowable, Self.unknowable)
    }

    /// How many groups there are.
    var count: Int { groups.count }

    /// Whether any row waits in a listener's queues.
    var isAnyNotAccepted: Bool {
        groups.contains { if case .notAccepted = $0.cause { true } else { false } }
    }

    /// The number of a group.
    mutating func number(of group: UnownedGroup) -> Int {
        if last.group == group { return last.number }
        let number = numbers[group] ?? groups.count
        if number == groups.count {
            groups.append(group)
            counts.append(0)
            numbers[group] = number
        }
        last = (group, number)
        return number
    }

    /// Counts a row of a group.
    mutating func count(_ number: Int) { counts[number] += 1 }

    /// Drops all groups behind the first `count`.
    mutating func truncate(to count: Int) {
        for group in groups[count...] { numbers[group] = nil }
        groups.removeLast(groups.count - count)
        counts.removeLast(counts.count - count)
        last = (groups[Self.unknowable], Self.unknowable)
    }
}
