import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Rows one by one get the owners that scrapes count.
struct RowsTests {
    private let proc: FakeHost

    init() throws { proc = try FakeHost() }

    private func scrapes() -> Scrapes {
        Scrapes(proc)
    }

    private func owners(
        of rows: [TCPConnection], _ scrapes: inout Scrapes
    ) throws -> [(process: Int32?, owner: String)] {
        let owners = try scrapes.owners(of: rows)
        return zip(scrapes.holders, owners).map { ($0?.process.id, $1) }
    }

    @Test func eachRowHasItsProcessAndItsModule() throws {
        try proc.put(10, .init(executable: "/usr/sbin/nginx", sockets: [3: 500, 4: 501]))
        try proc.put(20, .init(cgroups: [":/system.slice/db.service"], sockets: [3: 502]))
        var scrapes = scrapes()
        for _ in 0..<3 {
            let rows: [TCPConnection] = [
                .row(inode: 502), .row(.listen, inode: 501), .row(.timeWait), .row(inode: 500),
                .row(inode: 999),
            ]
            let owners = try owners(of: rows, &scrapes)
            #expect(owners.map(\.process) == [20, 10, nil, 10, nil])
            #expect(
                owners.map(\.owner).prefix(4) == [
                    "service db.service", "process nginx", "not_found", "process nginx",
                ])
        }
    }

    @Test func aConnectionNotAcceptedYetIsItsListenersModuleAndNobodysProcess() throws {
        try proc.put(10, .init(executable: "/usr/sbin/nginx", sockets: [3: 500]))
        var scrapes = scrapes()
        let owners = try owners(of: [.row(.established), .row(.listen, inode: 500)], &scrapes)
        #expect(owners.map(\.process) == [nil, 10])
        #expect(owners.map(\.owner) == ["process nginx", "process nginx"])
    }

    @Test func aRowSeenTwiceHasItsOwnerTwice() throws {
        try proc.put(10, .init(sockets: [3: 500]))
        var scrapes = scrapes()
        let owners = try owners(of: [.row(inode: 500), .row(inode: 500)], &scrapes)
        #expect(owners.map(\.process) == [10, 10])
    }

    @Test func theProcessIsKnownByItsStartAndItsProgram() throws {
        try proc.put(10, .init(start: 77, executable: "/usr/sbin/nginx", sockets: [3: 500]))
        var scrapes = scrapes()
        _ = try scrapes.owners(of: [.row(inode: 500)])
        let holder = try #require(scrapes.holders[0])
        #expect(holder.process.startTimeTicks == 77)
        #expect(holder.path == "/usr/sbin/nginx")
        #expect(try holder.process.owner(proc.procfs).path == "/usr/sbin/nginx")
    }

    @Test func withoutProcEveryRowIsGivenAndTheFailureIsTold() throws {
        var scrapes = Scrapes(OwnerResolver(ProcFS(root: "/nonexistent")))
        let owners = try scrapes.owners(of: [.row(inode: 500), .row(.timeWait)])
        #expect(owners == ["protected", "not_found"])
        #expect(scrapes.failure?.path == "/nonexistent")
    }

    /// More rows than one batch, remembered and new ones mixed.
    @Test func manyRowsHaveEachTheirOwner() throws {
        var processes: [Int32: [UInt32: UInt32]] = [:]
        for inode in UInt32(1000)..<1300 {
            processes[Int32(10 + inode % 7), default: [:]][inode] = inode
        }
        for (pid, sockets) in processes { try proc.put(pid, .init(sockets: sockets)) }
        var scrapes = scrapes()
        for count in [100, 300, 200] {
            let inodes = (UInt32(1000)..<1000 + UInt32(count)).shuffled()
            let owners = try owners(of: inodes.map { .row(inode: $0) }, &scrapes)
            #expect(owners.map(\.process) == inodes.map { Int32(10 + $0 % 7) })
            #expect(scrapes.cachedSocketCount == count)
        }
    }
}

/// What an earlier search has not found.
struct SoughtBeforeTests {
    private let proc: FakeHost

    init() throws { proc = try FakeHost() }

    /// A file system that gives directories a size, as this one, stands for a kernel that counts
    /// descriptors there (Linux 6.2).
    @Test func onlyProcessesWithOtherDescriptorsAreLookedThroughAgain() throws {
        for pid in Int32(10)..<30 {
            let inodes = (0..<50).map { (UInt32($0) + 10, UInt32(pid) * 1000 + UInt32($0)) }
            try proc.put(pid, .init(sockets: Dictionary(uniqueKeysWithValues: inodes)))
        }
        var scrapes = Scrapes(proc)
        let row = TCPConnection.row(inode: 7)
        let calls = (0..<Int(OwnerResolver.verificationPeriod)).map { _ in
            countCalls { #expect(scrapes.owner(of: row) != "process program") }
        }
        #expect(calls[0] > 20 * 50)
        #expect(calls[1] < 20 * 25)
        #expect(calls[2] < 20)
        #expect(calls[calls.count - 1] > 20 * 50)
    }

    @Test func aProcessThatIsNewIsLookedThrough() throws {
        try proc.put(10, .init(sockets: [3: 1]))
        var scrapes = Scrapes(proc)
        #expect(scrapes.owner(of: .row(inode: 7)) != "process late")
        try proc.put(11, .init(executable: "/bin/late", sockets: [3: 7]))
        #expect(scrapes.owner(of: .row(inode: 7)) == "process late")
    }
}
