import Glibc
import Linux
package import Procfs
import SystemPackage
package import TCPModel

/// Finds the holders of sockets by one iteration over the descriptors of all processes, where /proc would have
/// to be asked about many of them one by one; all else by /proc.
///
/// An iteration costs a sixteenth of what /proc costs for the same descriptors, and there is no part of it: so
/// it pays as soon as a sixteenth of them must be looked at.
package struct BPFHolders: SocketHolders {
    private static let costRatio: Int64 = 16
    /// So many descriptors of /proc cost as much as loading the program.
    private static let descriptorsWorthLoading: Int64 = 4096
    /// So many cost as much as an iteration over a small host.
    private static let descriptorsWorthASweep: Int64 = 64
    /// So many are worth a thread.
    private static let descriptorsWorthAThread: Int64 = 20_000
    /// After an iteration that failed, so many searches go without.
    private static let restingSearchesMax = 64

    private let procfs: ProcFS
    private let load: () throws(DescriptorIteratorError) -> any DescriptorIterating
    private var program = LazyIterator()
    /// Whether to iterate even if /proc is cheaper.
    private let isPreferred: Bool
    /// Whether the next search is for the sockets of nearly all processes, and the only one.
    private var isOnly: Bool
    /// How long one iteration may take; nil is as long as it takes.
    private let timeMax: Duration?
    private var scan: DescriptorScan
    /// How many searches still go without an iteration, and why.
    private var restingSearches = 0
    private var detourReason: String?

    /// An iteration that was begun before the search.
    private var ahead: SweepAhead?
    /// The last iteration of this search, and what of it is still to be told, the next one last.
    private var sweep: HolderSweep?
    private var isSwept = false
    private var queue: [Group] = []
    /// The processes that are told after all others.
    private var last: Set<ProcessID> = []
    private var isChangeOnly = false
    /// Whether some process that holds sockets could not be identified.
    private var isAnyUnidentified = false

    private struct Group {
        var identity: ProcessIdentity
        var sockets: Range<Int>
    }

    /// - Parameters:
    ///   - isPreferred: Whether to iterate even if /proc is cheaper.
    ///   - isOnly: Whether the first search is for the sockets of nearly all processes, and no other one
    ///     follows.
    ///   - timeMax: How long one iteration may take; nil is as long as it takes.
    ///   - load: Loads the program, once it pays.
    package init(
        _ procfs: ProcFS, isPreferred: Bool = false, isOnly: Bool = false, timeMax: Duration? = nil,
        load: @escaping () throws(DescriptorIteratorError) -> any DescriptorIterating
    ) {
        self.procfs = procfs
        self.isPreferred = isPreferred
        self.isOnly = isOnly
        self.timeMax = timeMax
        self.load = load
        scan = DescriptorScan(procfs)
    }

    package var visibility: HolderVisibility {
        var visibility = scan.visibility
        visibility.detourReason = detourReason
        if isSwept, !isAnyUnidentified {
            // Who is refused for no lack of capabilities is so by a security module, which may hide
            // descriptors from BPF, too.
            if visibility.wouldCapabilitiesHelp {
                visibility.deniedProcessCount = 0
                visibility.deniedProcess = nil
            }
            visibility.areProcessesHidden = false
        }
        return visibility
    }

    package var remainingDescriptorCount: Int64 {
        let count = scan.remainingDescriptorCount
        return canSweep ? count / Self.costRatio : count
    }

    package var isNextKnown: Bool { !queue.isEmpty }

    package func descriptors(of process: ProcessID) -> (any DescriptorTable)? {
        scan.descriptors(of: process)
    }

    /// Iterates while the table is read, if another processor can do that. A socket that goes from process to
    /// process meanwhile is the first one's: so it was while the table was read, but nothing would look again.
    package mutating func readAhead() {
        defer { isOnly = false }
        guard isOnly, canSweep, sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1,
            (try? scan.beginSearch(isChangeOnly: false, last: [])) != nil
        else { return }
        let startTimeTicks = BootTime.nowTicks
        let counts = scan.counts(of: .every)
        guard isPreferred || counts.values.reduce(0, &+) >= Self.descriptorsWorthAThread,
            let iterator = program.loaded(load)
        else { return }
        ahead = SweepAhead(iterator, counts, startTimeTicks: startTimeTicks, timeMax: timeMax)
    }

    package mutating func beginSearch(
        isChangeOnly: Bool, last: Set<ProcessID>
    ) throws(FileError) {
        self.isChangeOnly = isChangeOnly
        self.last = last
        isSwept = false
        restingSearches = max(0, restingSearches - 1)
        try scan.beginSearch(isChangeOnly: isChangeOnly, last: last)
    }

    package mutating func endSearch() {
        sweep = nil
        queue = []
        scan.endSearch()
    }

    /// After an iteration /proc is only asked about processes that had just started, and about the io_uring
    /// instances that the iteration came by. A second one finds what went from process to process during
    /// the first.
    package mutating func select(_ candidates: HolderCandidates) {
        queue = []
        switch candidates {
        case .new where !isSwept: if !sweepsInstead(of: .new) { scan.select(.new) }
        case .processes where isSwept: scan.select(.new)
        case .all where isSwept:
            scan.noteDenied()
            _ = startSweep(scan.counts(of: .every))
        case .all where !isChangeOnly: if !sweepsInstead(of: .unread) { scan.select(candidates) }
        case .threads where isSwept: scan.select(.all(HolderHints()))
        case .rings where isSwept:
            noteRings()
            scan.select(.rings)
        default: scan.select(candidates)
        }
    }

    package mutating func next(_ sockets: inout [HeldSocket]) -> ProcessIdentity? {
        guard let sweep, let group = queue.popLast() else { return scan.next(&sockets) }
        sockets.removeAll(keepingCapacity: true)
        sockets += sweep.sockets[group.sockets]
        return group.identity
    }
}

// MARK: - Iterations

extension BPFHolders {
    private var canSweep: Bool {
        !program.isUnavailable && restingSearches == 0
    }

    /// Iterates if that is cheaper than asking /proc about these processes.
    private mutating func sweepsInstead(of processes: DescriptorScan.Selection) -> Bool {
        guard canSweep else { return false }
        if isPreferred { return startSweep(scan.counts(of: .every)) }
        let count = scan.counts(of: processes).values.reduce(0, +)
        guard count >= Self.descriptorsWorthASweep else { return false }
        let counts = scan.counts(of: .every)
        guard count >= counts.values.reduce(0, +) / Self.costRatio else { return false }
        if program.isUnloaded, count < Self.descriptorsWorthLoading { return false }
        return startSweep(counts)
    }

    /// - Parameter counts: How many descriptors each process had before: what is opened meanwhile makes it
    ///   one that has changed.
    /// - Returns: Whether it succeeded.
    private mutating func startSweep(_ counts: [ProcessID: Int64]) -> Bool {
        guard let iterator = program.loaded(load) else { return false }
        let ahead = self.ahead.take()
        let counts = ahead?.counts ?? counts
        let startTimeTicks = ahead?.startTimeTicks ?? BootTime.nowTicks
        do throws(IterationError) {
            sweep = nil
            if let ahead {
                sweep = try ahead.sweep()
            } else {
                sweep = try HolderSweep(iterator, expecting: counts, timeMax: timeMax)
            }
            isSwept = true
            detourReason = nil
        } catch {
            detourReason = "\(error); /proc is read instead"
            restingSearches = Self.restingSearchesMax
            return false
        }
        queueGroups(before: startTimeTicks, counts)
        return true
    }

    /// Puts the holders in order: of several, the earliest started owns a socket.
    ///
    /// A process that started after the iteration did may have the number of one that ended during it: /proc
    /// is asked about it.
    private mutating func queueGroups(
        before startTimeTicks: UInt64, _ counts: [ProcessID: Int64]
    ) {
        var counts = counts
        var identities: [ProcessID: ProcessIdentity] = [:]
        isAnyUnidentified = false
        for run in sweep?.runs ?? [] where identities[run.process] == nil {
            guard let identity = try? procfs.identity(of: run.process),
                identity.startTimeTicks < startTimeTicks
            else {
                counts[run.process] = nil
                isAnyUnidentified = true
                continue
            }
            identities[run.process] = identity
        }
        queue = (sweep?.runs ?? []).compactMap { run in
            identities[run.process].map { Group(identity: $0, sockets: run.sockets) }
        }
        queue.sort { a, b in
            let isLast = (
                a: last.contains(a.identity.process), b: last.contains(b.identity.process)
            )
            return isLast.a == isLast.b ? b.identity.precedes(a.identity) : isLast.a
        }
        scan.skip(counts)
    }
}

// MARK: - io_uring

extension BPFHolders {
    /// Looks which of the descriptors that the iteration came by are io_uring instances.
    private mutating func noteRings() {
        var rings: [ProcessID: [UInt32]] = [:]
        for held in sweep?.anonymous ?? []
        where scan.descriptors(of: held.process)?[held.descriptor] == .ring {
            rings[held.process, default: []].append(held.descriptor)
        }
        for (process, rings) in rings { scan.note(rings: rings, of: process) }
    }
}

/// The clock of the start times of processes (`CLOCK_BOOTTIME`).
private enum BootTime {
    static var nowTicks: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        let nanoseconds = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        return nanoseconds / (1_000_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
    }
}
