import BPFIterators
import Glibc
import HostFakes
import Procfs
import SystemPackage
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Made-up iterations on a made-up host: who owns a socket then, and what is done when an iteration fails.
struct BPFHolderTests {
    private let host: FakeHost
    private let kernel = MadeUpIterator()

    init() throws {
        host = try FakeHost()
        try host.put(20, .init(start: 900, executable: "/bin/early", sockets: [3: 500]))
        try host.put(
            10, .init(start: 1000, executable: "/bin/late", sockets: [3: 500, 4: 501, 5: 502]))
    }

    private func scrapes(
        isPreferred: Bool = true, isOnly: Bool = false, timeMax: Duration? = nil,
        searchTimeMax: Duration? = nil
    ) -> Scrapes {
        let kernel = kernel
        let holders = BPFHolders(
            host.procfs, isPreferred: isPreferred, isOnly: isOnly, timeMax: timeMax
        ) {
            () throws(DescriptorIteratorError) in
            if kernel.isLoadRefused { throw .refused(.load, .notPermitted) }
            return kernel
        }
        return Scrapes(
            OwnerResolver(
                holders: holders, information: host.procfs, cgroups: host.cgroupfs,
                searchTimeMax: searchTimeMax))
    }

    @Test func ofSeveralHoldersTheEarliestStartedOwnsASocketWhateverComesFirst() throws {
        kernel.records = [(500, 10, 3), (501, 10, 4), (500, 20, 3)]
        var scrapes = scrapes()
        #expect(
            try scrapes.owners(of: [.row(inode: 500), .row(inode: 501)])
                == ["process early", "process late"])
        #expect(kernel.startCount == 1)
    }

    @Test func whatOnlyTheIterationSeesIsFound() throws {
        try host.put(30, .init(executable: "/bin/hidden"))
        kernel.records = [(777, 30, 9)]
        var scrapes = scrapes()
        #expect(try scrapes.owners(of: [.row(inode: 777)]) == ["process hidden"])
    }

    /// Capabilities that are missing for /proc are none that BPF needs; but where a security module refuses, the
    /// iteration may not see all.
    @Test(arguments: [("0000000000000000", "kernel"), ("000001ffffffffff", "protected")])
    func ofWhatTheIterationDoesNotSeeProcMayBeRefused(
        _ capabilities: String, _ owner: String
    ) throws {
        try host.set(ownCapabilities: capabilities)
        try host.put(30, .init(executable: "/bin/guarded", sockets: [9: 900]))
        try host.forbid("30/fd")
        kernel.records = [(500, 20, 3)]
        var scrapes = scrapes()
        for _ in 0..<2 {
            _ = try withoutCapabilities { try scrapes.owners(of: [.row(inode: 900)]) }
        }
        #expect(
            try withoutCapabilities { try scrapes.owners(of: [.row(inode: 900)]) } == [owner])
    }

    @Test func aManagerOwnsWhatNobodyElseHolds() throws {
        kernel.records = [(500, 1, 30), (600, 1, 31), (500, 10, 3)]
        var scrapes = scrapes()
        let owners = try scrapes.owners(
            of: [.row(.listen, inode: 500), .row(.listen, inode: 600)])
        #expect(owners == ["process late", "process systemd"])
    }

    /// The number of a process that ended during the iteration may be another's by then.
    @Test func aProcessThatStartedAfterTheIterationIsAskedInProc() throws {
        let never = UInt64.max / 2
        try host.put(10, .init(start: never, executable: "/bin/later", sockets: [4: 501]))
        kernel.records = [(500, 10, 3)]
        var scrapes = scrapes()
        let owners = try scrapes.owners(of: [.row(inode: 500), .row(inode: 501)])
        // /proc knows that the earlier one holds the first.
        #expect(owners == ["partial", "process later"])
    }

    @Test func aSocketThatTheFirstIterationMissesIsLookedForOnceMore() throws {
        kernel.rounds = [[(500, 20, 3)], [(500, 20, 3), (501, 10, 4)]]
        var scrapes = scrapes()
        #expect(
            try scrapes.owners(of: [.row(inode: 500), .row(inode: 501)])
                == ["process early", "process late"])
        #expect(kernel.startCount == 2)
        _ = try scrapes.owners(of: [.row(inode: 999)])
        #expect(kernel.startCount <= 4)
    }

    @Test(arguments: [
        MadeUpIterator.Failure.atStart, .midway, .cut,
    ])
    func afterAnIterationThatFailsProcTellsTheSame(_ failure: MadeUpIterator.Failure) throws {
        kernel.records = [(501, 10, 4), (502, 10, 5)]
        kernel.failure = failure
        var scrapes = scrapes()
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501), .row(inode: 502)]
        #expect(
            try scrapes.owners(of: rows) == ["process early", "process late", "process late"])
        #expect(scrapes.visibility.detourReason?.hasSuffix("/proc is read instead") == true)
        #expect(scrapes.visibility.failure == nil)
        // It is not tried again at once.
        kernel.failure = nil
        try host.put(40, .init(start: 2000, executable: "/bin/new", sockets: [3: 800]))
        #expect(try scrapes.owners(of: [.row(inode: 800)]) == ["process new"])
        #expect(kernel.startCount == 1)
        for number in 0..<70 as Range<UInt32> {
            _ = try scrapes.owners(of: [.row(inode: 900 + number)])
        }
        #expect(kernel.startCount > 1)
        #expect(scrapes.visibility.detourReason == nil)
    }

    /// What is opened after it, by one that was there and by one that has just started, is found all the same.
    @Test(.enabled(if: sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1))
    func anIterationAheadOfTheSearchIsOneOfTheTwo() throws {
        kernel.rounds = [[(500, 20, 3)], [(500, 20, 3), (501, 10, 4)]]
        var scrapes = scrapes(isOnly: true)
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501), .row(inode: 800)]
        let owners = try scrapes.owners(of: rows) {
            try host.put(40, .init(start: 2000, executable: "/bin/new", sockets: [3: 800]))
        }
        #expect(owners == ["process early", "process late", "process new"])
        #expect(kernel.startCount == 2)
        #expect(try scrapes.owners(of: rows) == owners)
    }

    @Test(arguments: [MadeUpIterator.Failure.atStart, .midway, .cut])
    func afterAnIterationAheadThatFailsProcTellsTheSame(_ failure: MadeUpIterator.Failure) throws {
        kernel.records = [(501, 10, 4)]
        kernel.failure = failure
        var scrapes = scrapes(isOnly: true)
        #expect(try scrapes.owners(of: [.row(inode: 500)]) == ["process early"])
        #expect(scrapes.visibility.detourReason?.hasSuffix("/proc is read instead") == true)
    }

    @Test func anIterationThatTakesTooLongIsGivenUp() throws {
        kernel.records = [(500, 10, 3)]
        var scrapes = scrapes(timeMax: .zero)
        #expect(try scrapes.owners(of: [.row(inode: 500)]) == ["process early"])
        #expect(scrapes.visibility.detourReason?.contains("too long") == true)
    }

    @Test func whatAnIterationToldIsTakenEvenIfNoTimeIsLeft() throws {
        kernel.records = [(500, 20, 3), (501, 10, 4)]
        var scrapes = scrapes(searchTimeMax: .zero)
        #expect(
            try scrapes.owners(of: [.row(inode: 500), .row(inode: 501)])
                == ["process early", "process late"])
        #expect(!scrapes.isExhausted)
    }

    @Test func withoutTheRightProcIsReadAndNothingIsLogged() throws {
        kernel.isLoadRefused = true
        var scrapes = scrapes()
        #expect(try scrapes.owners(of: [.row(inode: 500)]) == ["process early"])
        #expect(scrapes.visibility.detourReason == nil)
        #expect(kernel.startCount == 0)
    }

    @Test func forFewDescriptorsTheProgramIsNotLoaded() throws {
        kernel.isLoadRefused = true
        var scrapes = scrapes(isPreferred: false)
        #expect(try scrapes.owners(of: [.row(inode: 500)]) == ["process early"])
        #expect(kernel.startCount == 0)
    }

    /// The iteration tells that a descriptor can be an instance; /proc tells what is registered with it.
    @Test func aSocketRegisteredWithARingIsFoundAfterAnIteration() throws {
        try host.set(kernelRelease: "6.14.0")
        try host.put(10, ring: 7, fdinfo: "pos:\t0\nUserFiles:\t1\n    0: socket:[900]\n")
        kernel.records = [(0, 10, 7), (0, 20, 0)]
        var scrapes = scrapes()
        #expect(try scrapes.owners(of: [.row(inode: 900)]) == ["process late"])
    }
}

/// Iterations that a test writes.
final class MadeUpIterator: DescriptorIterating, @unchecked Sendable {
    enum Failure {
        case atStart
        case midway
        /// A record is cut.
        case cut
    }

    typealias Record = (inode: UInt64, process: UInt32, descriptor: UInt32)

    /// Of each iteration, the last one again and again.
    var rounds: [[Record]] = [[]]
    var failure: Failure?
    var isLoadRefused = false
    private(set) var startCount = 0

    var records: [Record] {
        get { rounds[0] }
        set { rounds = [newValue] }
    }

    func start() throws(Errno) -> any DescriptorIteration {
        startCount += 1
        if failure == .atStart { throw .noMemory }
        return MadeUpIteration(rounds[min(startCount, rounds.count) - 1], failure)
    }
}

private final class MadeUpIteration: DescriptorIteration {
    private var chunks: [[UInt8]]
    private let failure: MadeUpIterator.Failure?

    init(_ records: [MadeUpIterator.Record], _ failure: MadeUpIterator.Failure?) {
        chunks = records.map { record in
            bytes(record.inode) + bytes(record.process) + bytes(record.descriptor)
        }
        if failure == .cut { chunks[chunks.count - 1].removeLast() }
        self.failure = failure
    }

    func next() throws(Errno) -> [UInt8] {
        if failure == .midway, chunks.count == 1 { throw .ioError }
        return chunks.isEmpty ? [] : chunks.removeFirst()
    }
}

private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}
