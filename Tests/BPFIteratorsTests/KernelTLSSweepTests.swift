import Linux
import SystemPackage
import TableFakes
import TestSupport
import Testing

@testable import BPFIterators
@testable import TCPModel

/// What is made of the records about kernel TLS, right ones and others.
struct KernelTLSSweepTests {
    private static let namespace: UInt64 = 4_026_531_840

    private func sockets(
        _ records: [KernelTLSRecord], socketsMax: Int = KernelTLSSweep.socketsMax
    ) throws -> [UInt32: KernelTLS] {
        let iterator = PlayedIterator(chunks: records.map(\.bytes))
        let sweep = try KernelTLSSweep(
            iterator, in: Self.namespace, until: nil, socketsMax: socketsMax)
        return Dictionary(uniqueKeysWithValues: sweep.sockets.map { ($0.key.rawValue, $0.value) })
    }

    private func tls(_ change: (inout KernelTLSRecord) -> Void) throws -> KernelTLS? {
        var record = KernelTLSRecord.onDevice
        change(&record)
        return try sockets([record])[70]
    }

    @Test func aSocketHasItsKernelTLS() throws {
        let tls = try tls { ($0.version, $0.cipher, $0.receive) = (0x0304, 52, 1) }
        #expect(tls == KernelTLS(.device, .software, version: 0x0304, cipher: 52))
    }

    /// `TLS_BASE`, `TLS_SW`, `TLS_HW` and `TLS_HW_RECORD` of net/tls.h.
    @Test(arguments: [
        (UInt8(0), KernelTLS.Mode.none), (1, .software), (2, .device), (3, .deviceRecord),
    ])
    func theModesAreThoseThatNetlinkTells(_ number: UInt8, _ mode: KernelTLS.Mode) throws {
        #expect(try tls { ($0.transmit, $0.receive) = (number, 1) }?.transmit == mode)
        #expect(try tls { ($0.transmit, $0.receive) = (1, number) }?.receive == mode)
    }

    @Test(arguments: [(UInt8(2), UInt8(2)), (2, 0), (0, 2), (1, 2), (2, 1)])
    func withoutADeviceItIsHandedBack(_ transmit: UInt8, _ receive: UInt8) throws {
        for device in [0, 1] as [UInt64] {
            let tls = try tls {
                ($0.transmit, $0.receive, $0.device) = (transmit, receive, device)
            }
            #expect(tls?.isHandedBack == (device == 0))
        }
    }

    @Test func whatWasNeverOnADeviceIsNotHandedBack() throws {
        let tls = try tls { ($0.transmit, $0.receive, $0.device) = (1, 0, 0) }
        #expect(tls?.isHandedBack == false)
    }

    @Test func socketsOfOtherNamespacesAreLeftOutWhateverTheyHave() throws {
        var other = KernelTLSRecord.onDevice
        (other.namespace, other.inode, other.transmit) = (7, 71, KernelTLSRecord.unread)
        #expect(try sockets([other, .onDevice]).keys.sorted() == [70])
    }

    @Test func aSocketWithManyDescriptorsIsOne() throws {
        #expect(try sockets([.onDevice, .onDevice], socketsMax: 1).count == 1)
        var other = KernelTLSRecord.onDevice
        other.inode = 71
        #expect(throws: IterationError.tooMany(1)) {
            try sockets([.onDevice, other], socketsMax: 1)
        }
    }

    /// No false state is made of it: the whole iteration is refused.
    @Test func whatNoKernelWritesIsRefused() throws {
        let changes: [(inout KernelTLSRecord) -> Void] = [
            { $0.transmit = KernelTLSRecord.unread }, { $0.transmit = 4 }, { $0.receive = 4 },
            { $0.device = 2 }, { $0.inode = 1 << 32 },
        ]
        for change in changes {
            #expect(throws: IterationError.malformed) { try tls(change) }
        }
        let cut = PlayedIterator(chunks: [KernelTLSRecord.onDevice.bytes.dropLast()])
        #expect(throws: IterationError.malformed) {
            try KernelTLSSweep(cut, in: Self.namespace, until: nil)
        }
    }

    @Test func anyBytesAreReadOrRefused() {
        var generator = SplitMix64(seed: 20_261_129)
        for _ in 0..<20_000 {
            var bytes = KernelTLSRecord.onDevice.bytes
            for _ in 0..<3 {
                bytes[.random(in: bytes.indices, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            let sweep = try? KernelTLSSweep(
                PlayedIterator(chunks: [bytes]), in: Self.namespace, until: nil)
            #expect(sweep?.sockets.count ?? 0 <= 1)
        }
    }

    @Test func whereNothingIsFoundForLongTheKernelIsAskedAgainUntilTimeIsUp() throws {
        let iterator = PlayedIterator(chunks: [nil, nil, KernelTLSRecord.onDevice.bytes])
        #expect(
            try KernelTLSSweep(iterator, in: Self.namespace, until: nil).sockets.count == 1)
        #expect(throws: IterationError.tooSlow) {
            try KernelTLSSweep(iterator, in: Self.namespace, until: .now)
        }
    }
}

/// The class that reads the kernel's memory, or does not.
struct BPFKernelTLSTests {
    @Test func aProgramThatIsNotAllowedIsTriedOnce() {
        let iterator = PlayedIterator(chunks: [])
        let held = BPFKernelTLS { () throws(DescriptorIteratorError) in
            iterator.refusalCount += 1
            throw .refused(.load, .notPermitted)
        }
        for _ in 0..<3 {
            #expect(throws: HeldKernelTLSError.unavailable) { try held.sockets(in: 1) }
        }
        #expect(iterator.refusalCount == 1)
    }

    @Test func afterAFailureTheIteratorRestsAndTheReasonStays() throws {
        let iterator = PlayedIterator(chunks: [KernelTLSRecord.onDevice.bytes])
        iterator.failure = .ioError
        let held = BPFKernelTLS { () throws(DescriptorIteratorError) in iterator }
        let namespace = UInt64(KernelTLSRecord.onDevice.namespace)
        let reason = HeldKernelTLSError.failed(
            "the BPF iterator over descriptors failed: \(Errno.ioError)")
        #expect(throws: reason) { try held.sockets(in: namespace) }
        iterator.failure = nil
        var failureCount = 0
        while (try? held.sockets(in: namespace)) == nil { failureCount += 1 }
        #expect(failureCount == 63)
        #expect(iterator.startCount == 2)
        #expect(try held.sockets(in: namespace).count == 1)
    }

    @Test func anIterationThatTakesTooLongIsGivenUp() {
        let held = BPFKernelTLS(timeMax: .zero) { () throws(DescriptorIteratorError) in
            PlayedIterator(chunks: [KernelTLSRecord.onDevice.bytes])
        }
        #expect(
            throws: HeldKernelTLSError.failed("the BPF iterator over descriptors takes too long")
        ) { try held.sockets(in: 1) }
    }
}

/// The running kernel takes the program, and has no connection with kernel TLS where the module is not loaded.
@Suite(.requires(.bpfIterators))
struct KernelTLSProgramTests {
    @Test func theKernelTakesTheProgramAndItEnds() throws {
        let iterator = try DescriptorIterator(.kernelTLS)
        for _ in 0..<3 {
            let sweep = try KernelTLSSweep(iterator, in: 1, until: nil)
            #expect(sweep.sockets.isEmpty)
        }
    }
}

extension Requirement {
    fileprivate static let bpfIterators = Requirement("CAP_BPF and CAP_PERFMON") {
        (try? DescriptorIterator(.holders)) != nil
    }
}

extension KernelTLSRecord {
    fileprivate static var onDevice: KernelTLSRecord {
        KernelTLSRecord(
            inode: 70, namespace: 4_026_531_840, version: 0x0303, cipher: 51, device: 1,
            transmit: 2, receive: 2)
    }

    /// In the order in which the program writes them.
    fileprivate var bytes: [UInt8] {
        wire(inode) + wire(namespace) + wire(version) + wire(cipher) + wire(device)
            + [transmit, receive] + Array(repeating: 0, count: 6)
    }

    private func wire(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}

/// An iteration that a test writes, again and again.
private final class PlayedIterator: DescriptorIterating, @unchecked Sendable {
    // One test's, on one thread.
    /// Nil is a read that the kernel wants to be repeated.
    let chunks: [[UInt8]?]
    var failure: Errno?
    var refusalCount = 0
    private(set) var startCount = 0

    init(chunks: [[UInt8]?]) { self.chunks = chunks }

    func start() throws(Errno) -> any DescriptorIteration {
        startCount += 1
        if let failure { throw failure }
        return PlayedIteration(chunks)
    }
}

private final class PlayedIteration: DescriptorIteration {
    private var chunks: [[UInt8]?]

    init(_ chunks: [[UInt8]?]) { self.chunks = chunks }

    func next() throws(Errno) -> [UInt8] {
        guard !chunks.isEmpty else { return [] }
        guard let chunk = chunks.removeFirst() else { throw .resourceTemporarilyUnavailable }
        return chunk
    }
}
