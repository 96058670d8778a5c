import Owners
import Procfs
import SystemPackage
import TableFakes
import Testing

@testable import SockDiag
@testable import TCPModel
@testable import TCPTable

/// What a reader makes of the rows of a table.
struct ReaderTests {
    private func row(_ port: UInt16, _ state: TCPState = .established, inode: UInt32? = nil)
        -> TCPConnection
    {
        .row(state, port: port, inode: inode).to("127.0.0.1", 9)
    }

    @Test func anEmptyTableHasNoRows() throws {
        var reader = TableReader(ScriptedTable())
        let table = try reader.read()
        #expect(table.isEmpty)
        #expect(table.ordered().isEmpty)
    }

    @Test func rowsOfAnAttemptThatWasDisturbedDoNotCount() throws {
        var reader = TableReader(
            ScriptedTable([row(1), row(2)]) { $0.abandonedAttempts = [[row(1)], [row(3)]] })
        #expect(try reader.read().map(\.localPort) == [1, 2])
    }

    @Test func aDisturbedTableSaysSo() throws {
        let outcome = DumpOutcome(interruptions: 3, isInterrupted: true)
        var reader = TableReader(ScriptedTable([row(1)]) { $0.outcome = outcome })
        #expect(try reader.read().isInterrupted)
    }

    @Test(arguments: [OffloadProblem.capabilityMissing, .stuck, .unreadable(.endedEarly)])
    func offloadStatesThatTheKernelDoesNotTellAreNotKnown(_ problem: OffloadProblem) throws {
        let outcome = DumpOutcome(offloadProblem: problem)
        var reader = TableReader(ScriptedTable([row(1)]) { $0.outcome = outcome })
        let table = try reader.read()
        #expect(!table.isOffloadKnown)
        #expect(table.map(\.offloadState) == [nil])
        #expect(table.problems.contains(problem.description))
    }

    @Test func onlyWantedRowsAreKept() throws {
        var reader = TableReader(
            ScriptedTable([row(1, .listen), row(2), row(3, .timeWait), row(1, .synRecv)]))
        #expect(try reader.read { $0.state == .timeWait }.map(\.localPort) == [3])
        #expect(try reader.read { $0.state == .synRecv }.map(\.localPort) == [1])
        #expect(try reader.read { _ in false }.isEmpty)
    }

    @Test func withoutProcOwnersAreProtectedAndTheProblemIsSaid() throws {
        var reader = TableReader(ScriptedTable([row(1, inode: 7), row(2, .timeWait)]))
        let table = try reader.read()
        #expect(table.map(\.unattributedReason) == [.protected, .notFound])
        #expect(table.allSatisfy { $0.process == nil && $0.module == nil })
        #expect(table.problems.count == 1)
        #expect(table.problems[0].contains("/nonexistent"))
        #expect(throws: OwnerError.notFound(process: nil)) { try table[0].owner() }
    }

    @Test(arguments: [
        (
            ConnectionSourceError.unavailable(.noSuchFileOrDirectory),
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
            .unreliable("the dump of TCP sockets ended before its last message")
        ),
    ])
    func whyATableCannotBeReadIsSaid(_ cause: ConnectionSourceError, _ expected: TCPTableError)
        throws
    {
        var reader = TableReader(ScriptedTable([row(1)]) { $0.error = cause })
        let error = try #require(throws: TCPTableError.self) { try reader.read() }
        #expect(error == expected)
        #expect(error.description == cause.description)
    }

    @Test func afterAFailureTheNextTableIsWhole() throws {
        let table = ScriptedTable([row(1), row(2)]) { $0.error = .endedEarly }
        var reader = TableReader(table)
        #expect(throws: TCPTableError.self) { try reader.read() }
        table.script.next.error = nil
        #expect(try reader.read().count == 2)
    }

    @Test(arguments: [
        ([127, 0, 0, 1], 80, "127.0.0.1:80"), ([0, 0, 0, 0], 0, "0.0.0.0:*"),
        ([UInt8](repeating: 0, count: 15) + [1], 443, "[::1]:443"),
    ])
    func endpointsAreWrittenAsSSWritesThem(_ bytes: [UInt8], _ port: UInt16, _ text: String) throws
    {
        let address = IPAddress(bytes)
        var reader = TableReader(
            ScriptedTable([.row(at: address, port: port).to(address, port)]))
        let table = try reader.read()
        #expect(table[0].local == text)
        #expect(table[0].remote == text)
    }
}
