import Glibc
import HostFakes
import Linux
import SystemPackage
import TableFakes
import TestSupport
import Testing

@testable import Procfs
@testable import SockDiag
@testable import TCPModel

private let someTLS = "TlsCurrTxSw 1\n"

/// Whether the kernel is asked for what takes sockets' locks.
struct KernelTLSQuestionTests {
    @Test func itIsAskedForOnlyWhereSomeConnectionHasIt() throws {
        let proc = try FakeHost()
        let kernel = TLSKernel()
        var table = kernel.table(proc)
        try table.readNothing()
        #expect(kernel.requests == [.table])
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\nTlsTxSw 9\n")
        try table.readNothing()
        #expect(kernel.requests == [.table, .table])
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\nTlsCurrRxSw 1\n")
        try table.readNothing()
        #expect(kernel.requests == [.table, .table, .kernelTLS, .table])
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\nTlsCurrRxSw 0\n")
        try table.readNothing()
        #expect(kernel.requests == [.table, .table, .kernelTLS, .table, .table])
    }

    @Test func whereTheFileCannotBeReadTheQuestionIsAsked() throws {
        let proc = try FakeHost()
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\n")
        let kernel = TLSKernel()
        let outcomes = withEachCallFailing(.ioError) {
            var table = kernel.table(proc)
            try table.readNothing()
        }
        #expect(outcomes.map(\.failedCall) == ["open", "read", "read", "close"])
        #expect(outcomes.allSatisfy { $0.descriptorsLeftOpen == 0 })
        #expect(throws: Never.self) { for outcome in outcomes { try outcome.result.get() } }
        let expected: [TLSKernel.Request] = [
            .kernelTLS, .table, .kernelTLS, .table, .kernelTLS, .table, .table,
        ]
        #expect(Array(kernel.requests.prefix(7)) == expected)
    }

    /// Before Linux 6.9, and where the release is not known.
    @Test(arguments: ["6.1.0-56\n", "6.8.12\n", nil])
    func itIsNotAskedForWhereALockedSocketWouldBlockEveryDump(_ release: String?) throws {
        let proc = try FakeHost()
        try proc.set(tlsStatistics: someTLS)
        if let release { try proc.set(kernelRelease: release) }
        let kernel = TLSKernel()
        var table = kernel.table(proc, allowsBlocking: false)
        #expect(try table.rows().outcome.offloadProblem == .blocking)
        #expect(kernel.requests == [.table])
        try proc.set(tlsStatistics: "TlsCurrTxSw 0\n")
        #expect(try table.rows().outcome.offloadProblem == nil)
        try proc.set(tlsStatistics: someTLS)
        try proc.set(kernelRelease: "6.9.0\n")
        _ = try table.rows()
        #expect(kernel.requests == [.table, .table, .kernelTLS, .table])
    }

    @Test func rowsAreCompletedByCookie() throws {
        let kernel = TLSKernel(
            [
                .init(cookie: 7), .init(cookie: 1 << 40), .init(cookie: 8),
                .init(cookie: 9, state: 6), .init(cookie: 11, state: 8),
            ],
            informed: [
                .init(cookie: 9, attributes: TLSKernel.Socket.told),
                .init(cookie: 1 << 40, attributes: TLSKernel.Socket.told), .init(cookie: 8),
                .init(cookie: 10, attributes: TLSKernel.Socket.told),
                .init(cookie: 11, state: 8, attributes: TLSKernel.Socket.told),
            ])
        let proc = try FakeHost()
        try proc.set(tlsStatistics: someTLS)
        var table = kernel.table(proc)
        let (rows, _, outcome) = try table.rows()
        #expect(rows.map(\.cookie) == [7, 1 << 40, 8, 9, 11])
        // The one with cookie 9 is in time_wait now, the one with 11 in close_wait.
        #expect(rows.map { $0.tls != nil } == [false, true, false, false, true])
        #expect(outcome == DumpOutcome())
    }
}

/// Whether the table comes when the question for kernel TLS is not answered.
@Suite(.mustEnd)
struct UnansweredKernelTLSTests {
    private let proc: FakeHost
    private let kernel = TLSKernel([.init(cookie: 7, attributes: TLSKernel.Socket.told)])
    private let thread = KernelTLSThread()

    init() throws {
        proc = try FakeHost()
        try proc.set(tlsStatistics: someTLS)
    }

    private func problem(timeout: Duration) throws -> OffloadProblem? {
        var table = kernel.table(proc, thread, timeout: timeout)
        let (rows, _, outcome) = try table.rows()
        #expect(rows.map(\.cookie) == [7])
        return outcome.offloadProblem
    }

    @Test func aLockedSocketLeavesOneThreadAndAWholeTable() throws {
        kernel.lock()
        #expect(try problem(timeout: .milliseconds(20)) == .stuck)
        #expect(thread.isStuck)
        #expect(kernel.requests == [.kernelTLS, .table])
        // However long it could wait: it does not, and starts no other thread.
        #expect(try problem(timeout: .seconds(3600)) == .stuck)
        #expect(kernel.requests == [.kernelTLS, .table, .table])
        kernel.unlock()
        while thread.isStuck { usleep(1000) }
        #expect(try problem(timeout: .seconds(60)) == nil)
        #expect(kernel.requests == [.kernelTLS, .table, .table, .kernelTLS, .table])
    }

    @Test func whoWaitsForAnothersAnswerGivesUpToo() throws {
        kernel.lock()
        let patient = kernel.kernelTLSDump(thread, timeout: .seconds(3600))
        let other = try Thread { _ = try? patient.run() }
        while kernel.requests.isEmpty { usleep(1000) }
        #expect(try problem(timeout: .milliseconds(20)) == .stuck)
        #expect(!thread.isStuck)
        #expect(kernel.requests == [.kernelTLS, .table])
        kernel.unlock()
        other.join()
        #expect(try problem(timeout: .seconds(60)) == nil)
    }

    @Test func oneAfterTheOtherEachHasItsAnswer() throws {
        kernel.lock()
        let dump = kernel.kernelTLSDump(thread, timeout: .seconds(3600))
        let others = try (0..<3).map { _ in try RunningDump(dump) }
        while kernel.requests.isEmpty { usleep(1000) }
        kernel.unlock()
        for other in others { #expect(try other.connections().byCookie.keys.sorted() == [7]) }
        #expect(kernel.requests == [.kernelTLS, .kernelTLS, .kernelTLS])
    }

    @Test func aQuestionThatFailsCostsTheOffloadStatesOnly() throws {
        kernel.failToInform()
        #expect(try problem(timeout: .seconds(60)) == .unreadable(.endedEarly))
        #expect(!thread.isStuck)
    }

    @Test(arguments: [
        OffloadProblem.capabilityMissing, .heldByNoProcess, .stuck, .blocking,
        .threadMissing(.resourceTemporarilyUnavailable),
        .unreadable(.endedEarly),
    ])
    func eachProblemSaysThatOffloadStatesAreUnknown(_ problem: OffloadProblem) {
        #expect(problem.description.hasPrefix("offload states are unknown: "))
    }
}

/// Whether the kernel's silence about kernel TLS is taken for what it is.
struct HiddenKernelTLSTests {
    private static let told = TLSKernel.Socket(attributes: TLSKernel.Socket.told)
    private static let mark = TLSKernel.Socket(attributes: TLSKernel.Socket.mark)
    private static let other = TLSKernel.Socket(attributes: TLSKernel.Socket.other)
    private static let bare = TLSKernel.Socket()

    private func isHidden(
        _ sockets: [TLSKernel.Socket], _ statistics: String = someTLS,
        release: String? = "6.1.0-56\n"
    ) throws -> Bool {
        let proc = try FakeHost()
        try proc.set(tlsStatistics: statistics)
        if let release { try proc.set(kernelRelease: release) }
        var table = TLSKernel(sockets).table(proc)
        let (read, _, outcome) = try table.rows()
        #expect(read.count == sockets.count)
        return outcome.offloadProblem == .capabilityMissing
    }

    @Test func anOlderKernelHidesItFromThoseWithoutTheRight() throws {
        #expect(try isHidden([Self.other, Self.bare]))
        #expect(try isHidden([], release: nil))
        #expect(try isHidden([Self.other], release: "6.14.9-amd64\n"))
    }

    @Test func whoHasTheRightIsToldTheMarksToo() throws {
        #expect(try !isHidden([Self.other, Self.mark]))
    }

    @Test func oneConnectionThatIsToldIsEnough() throws {
        #expect(try !isHidden([Self.other, Self.told, Self.bare]))
    }

    @Test(arguments: ["6.15.0-rc1\n", "6.18.2\n", "7.0\n"])
    func aNewerKernelHidesNothing(_ release: String) throws {
        #expect(try !isHidden([Self.other], release: release))
    }

    @Test func whereNoConnectionHasItNothingIsHidden() throws {
        #expect(try !isHidden([Self.other], "TlsCurrTxSw 0\n"))
    }
}

/// A question on a thread of the test's own.
private final class RunningDump: Sendable {
    private let result = ConditionLock<Result<KernelTLSConnections, OffloadProblem>?>(nil)

    init(_ dump: KernelTLSDump) throws(Errno) {
        _ = try Thread { [result] in
            let found = Result { () throws(OffloadProblem) in try dump.run() }
            result.update { $0 = found }
        }
    }

    func connections() throws -> KernelTLSConnections {
        try #require(result.wait { $0 }).get()
    }
}

extension TLSKernel {
    fileprivate func table(
        _ proc: FakeHost, _ thread: KernelTLSThread = KernelTLSThread(),
        timeout: Duration = .seconds(60), allowsBlocking: Bool = true
    ) -> SockDiagSource {
        SockDiagSource(
            ProcFS(root: proc.procRoot), dump: dump,
            kernelTLSDump: kernelTLSDump(thread, timeout: timeout),
            allowsBlocking: allowsBlocking)
    }
}

extension SockDiagSource {
    fileprivate mutating func readNothing() throws(ConnectionSourceError) { _ = try rows() }
}
