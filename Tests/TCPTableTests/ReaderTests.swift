import OwnerModules
import Procfs
import SystemPackage
import Testing

@testable import SockDiag
@testable import TCPConnections
@testable import TCPTable

/// What a reader makes of the rows of a table.
struct ReaderTests {
    private let loopback = IPAddress([127, 0, 0, 1])

    private func row(_ port: UInt16, _ state: TCPState = .established, inode: UInt32? = nil)
        -> TCPConnection
    {
        TCPConnection(loopback, port, loopback, 9, state: state, inode: inode)
    }

    @Test func anEmptyTableHasNoRows() throws {
        var reader = TableReader(MadeUpTable())
        let table = try reader.read()
        #expect(table.isEmpty)
        #expect(table.ordered().isEmpty)
    }

    @Test func rowsOfAnAttemptThatWasDisturbedDoNotCount() throws {
        var reader = TableReader(MadeUpTable(rows: [row(1), row(2)], attempts: 3))
        #expect(try reader.read().map(\.localPort) == [1, 2])
    }

    @Test func aDisturbedTableSaysSo() throws {
        let outcome = TCPSocketDump.Outcome(interruptions: 3, isInterrupted: true)
        var reader = TableReader(MadeUpTable(rows: [row(1)], outcome: outcome))
        #expect(try reader.read().isInterrupted)
    }

    @Test func offloadStatesThatTheKernelHidesAreNotKnown() throws {
        let outcome = TCPSocketDump.Outcome(isKernelTLSHidden: true)
        var reader = TableReader(MadeUpTable(rows: [row(1)], outcome: outcome))
        let table = try reader.read()
        #expect(!table.isOffloadKnown)
        #expect(table.map(\.offloadState) == [nil])
        #expect(table.problems.contains { $0.contains("CAP_NET_ADMIN") })
    }

    @Test func onlyWantedRowsAreKept() throws {
        var reader = TableReader(
            MadeUpTable(rows: [row(1, .listen), row(2), row(3, .timeWait), row(1, .synRecv)]))
        #expect(try reader.read { $0.state == .timeWait }.map(\.localPort) == [3])
        #expect(try reader.read { $0.state == .synRecv }.map(\.localPort) == [1])
        #expect(try reader.read { _ in false }.isEmpty)
    }

    @Test func withoutProcOwnersAreProtectedAndTheProblemIsSaid() throws {
        var reader = TableReader(MadeUpTable(rows: [row(1, inode: 7), row(2, .timeWait)]))
        let table = try reader.read()
        #expect(table.map(\.unattributedReason) == [.protected, .notFound])
        #expect(table.allSatisfy { $0.process == nil && $0.module == nil })
        #expect(table.problems.count == 1)
        #expect(table.problems[0].contains("/nonexistent"))
        #expect(throws: OwnerError.notFound(process: nil)) { try table[0].owner() }
    }

    @Test(arguments: [
        (
            SockDiagError.unavailable(.noSuchFileOrDirectory),
            TCPTableError.notSupported(.noSuchFileOrDirectory)
        ),
        (
            .systemCall("socket", .tooManyOpenFiles),
            .failed(
                "socket on a sock_diag netlink socket failed: Too many open files",
                .tooManyOpenFiles)
        ),
        (
            .refused(.notPermitted),
            .failed(
                "the kernel refused to dump its TCP sockets: Operation not permitted", .notPermitted
            )
        ),
        (
            .endedEarly,
            .unreliable("the kernel's dump of TCP sockets ended before its last message")
        ),
    ])
    func whyATableCannotBeReadIsSaid(_ cause: SockDiagError, _ expected: TCPTableError) throws {
        var reader = TableReader(MadeUpTable(rows: [row(1)], failure: cause))
        let error = try #require(throws: TCPTableError.self) { try reader.read() }
        #expect(error == expected)
        #expect(error.description == cause.description)
    }

    @Test func afterAFailureTheNextTableIsWhole() throws {
        var reader = TableReader(FailingOnce(table: MadeUpTable(rows: [row(1), row(2)])))
        #expect(throws: TCPTableError.self) { try reader.read() }
        #expect(try reader.read().count == 2)
    }

    @Test(arguments: [
        ([127, 0, 0, 1], 80, "127.0.0.1:80"), ([0, 0, 0, 0], 0, "0.0.0.0:*"),
        ([UInt8](repeating: 0, count: 15) + [1], 443, "[::1]:443"),
    ])
    func endpointsAreWrittenAsSSWritesThem(_ bytes: [UInt8], _ port: UInt16, _ text: String) throws
    {
        let address = IPAddress(bytes)
        var reader = TableReader(MadeUpTable(rows: [TCPConnection(address, port, address, port)]))
        let table = try reader.read()
        #expect(table[0].local == text)
        #expect(table[0].remote == text)
    }
}

/// A table that cannot be read the first time.
private struct FailingOnce: TCPTableSource {
    var table: MadeUpTable
    var hasFailed = false

    mutating func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        defer { hasFailed = true }
        table.failure = hasFailed ? nil : .endedEarly
        return try table.read(begin: begin, body: body)
    }
}

extension TableReader<FailingOnce> {
    fileprivate init(_ table: FailingOnce) {
        self.init(
            source: table, procfs: ProcFS(root: "/nonexistent"),
            cgroupfs: CgroupFS(mount: "/nonexistent"))
    }
}
