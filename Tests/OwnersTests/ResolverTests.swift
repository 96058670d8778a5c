import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Whose connections are, on made-up hosts: rows by hand, processes in a temporary directory.
struct ResolverTests {
    private let proc: FakeHost

    init() throws { proc = try FakeHost() }

    private func scrapes() -> Scrapes {
        Scrapes(proc)
    }

    @Test func aProcessOwnsTheSocketThatItHolds() throws {
        try proc.put(10, .init(executable: "/usr/sbin/nginx", sockets: [3: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process nginx")
    }

    @Test func theServiceOfTheProcessComesBeforeItsExecutable() throws {
        try proc.put(10, .init(cgroups: [":/system.slice/nginx.service"], sockets: [3: 500]))
        var scrapes = scrapes()
        let answers = scrapes.scrape([.row(.listen, inode: 500), .row(.synRecv)])
        #expect(answers["service nginx.service", .listen] == 1)
        #expect(answers["service nginx.service", .synRecv] == 1)
        let module = try #require(scrapes.modules.living.first)
        #expect(scrapes.modules[module].path == "/usr/bin/program")
    }

    @Test(arguments: [(100, 200, "first"), (200, 100, "second"), (100, 100, "first")])
    func amongSeveralHoldersTheEarliestStartedOwns(
        _ start: UInt64, _ other: UInt64, _ owner: String
    ) throws {
        try proc.put(20, .init(start: start, executable: "/bin/first", sockets: [3: 500]))
        try proc.put(30, .init(start: other, executable: "/bin/second", sockets: [9: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process \(owner)")
    }

    @Test func systemdOwnsOnlyWhatNobodyElseHolds() throws {
        try proc.put(1, .manager(sockets: [5: 500, 6: 501]))
        try proc.put(900, .init(start: 9999, executable: "/bin/late", sockets: [3: 500]))
        var scrapes = scrapes()
        let answers = scrapes.scrape([.row(inode: 500), .row(inode: 501)])
        #expect(answers["process late"] == 1)
        #expect(answers["process systemd"] == 1)
    }

    /// A socket unit's service is started by its first connection, and only then holds the socket.
    @Test func aSocketOfSystemdGoesToTheServiceThatIsStartedForIt() throws {
        try proc.put(1, .manager(sockets: [5: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(.listen, inode: 500)) == "process systemd")
        try proc.put(50, .init(cgroups: [":/system.slice/cups.service"], sockets: [3: 500]))
        let period = Int(OwnerResolver.verificationPeriod)
        let owners = (0...period).map { _ in scrapes.owner(of: .row(.listen, inode: 500)) }
        #expect(owners.last == "service cups.service")
    }

    @Test func systemdIsNotAskedBeforeTheOthers() throws {
        try proc.put(1, .manager(sockets: [5: 500]))
        var scrapes = scrapes()
        _ = scrapes.scrape([.row(.listen, inode: 500)])
        try proc.open(1, 6, 501)
        try proc.put(50, .init(cgroups: [":/system.slice/cups.service"], sockets: [3: 501]))
        let answers = scrapes.scrape([.row(.listen, inode: 500), .row(inode: 501)])
        #expect(answers["service cups.service"] == 1)
    }

    /// The child is new, and so looked through before the others.
    @Test func ancestorsAreAskedBeforeTheirDescendants() throws {
        try proc.put(60, .init(start: 100, executable: "/bin/ancestor", sockets: [3: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process ancestor")
        try proc.open(60, 40, 501)
        try proc.put(61, .init(start: 200, parent: 60, executable: "/bin/parent"))
        try proc.put(
            59, .init(start: 300, parent: 61, executable: "/bin/child", sockets: [40: 501]))
        let answers = scrapes.scrape([.row(inode: 500), .row(inode: 501)])
        #expect(answers["process ancestor"] == 2)
    }

    @Test func rowsSeenTwiceCountTwiceAndAreRememberedOnce() throws {
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500, 4: 501]))
        var scrapes = scrapes()
        for _ in 0..<3 {
            let rows = [TCPConnection.row(inode: 500), .row(inode: 500), .row(.listen, inode: 501)]
            let answers = scrapes.scrape(rows + [.row(.listen, inode: 501)])
            #expect(answers["process a"] == 4)
            #expect(scrapes.cachedSocketCount == 2)
        }
    }

    @Test func queuesAreSummed() throws {
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500, 4: 501]))
        var scrapes = scrapes()
        for _ in 0..<2 {
            let answers = scrapes.scrape([
                .row(inode: 500, queues: (5, 7)), .row(inode: 501, queues: (1, 0)),
                .row(.lastAck, cgroup: 77, queues: (0, 100)),
                .row(.lastAck, cgroup: 77, queues: (0, 1)),
            ])
            #expect(answers.receiveQueue == 6)
            #expect(answers.sendQueue == 108)
        }
    }

    @Test func aTableThatIsReadAnewCountsOnce() throws {
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
        var scrapes = scrapes()
        let abandoned: [TCPConnection] = [
            .row(inode: 500), .row(.lastAck, cgroup: 7), .row(.listen, inode: 9),
        ]
        let answers = scrapes.scrape([.row(inode: 500)], after: abandoned)
        #expect(answers.description == "process a|established 1")
    }
}

// MARK: - Time goes by

extension ResolverTests {
    @Test func aProcessThatVanishesBetweenTableAndSearchLeavesAPartialAnswer() throws {
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
        var scrapes = scrapes()
        let answers = scrapes.scrape([.row(inode: 500)]) { try proc.end(10) }
        #expect(answers.owner == "partial")
    }

    @Test func anOwnerThatDiesWithoutItsSocketLeavesAPartialAnswerAndThenNone() throws {
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process a")
        try proc.end(10)
        // Another one may have got it, which /proc has not shown yet.
        #expect(scrapes.owner(of: .row(inode: 500)) == "partial")
        // Nobody has: the kernel itself holds it.
        #expect(scrapes.owner(of: .row(inode: 500)) == "kernel")
        #expect(scrapes.owner(of: .row(inode: 500)) == "kernel")
        #expect(scrapes.modules.living.isEmpty)
    }

    @Test func aHolderThatWasMissedIsFoundAtTheNextScrape() throws {
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "partial")
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
        #expect(scrapes.owner(of: .row(inode: 500)) == "process a")
    }

    @Test func aSocketPassedOnIsNoticedWithinThePeriod() throws {
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
        try proc.put(11, .init(executable: "/bin/b"))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process a")
        try proc.open(11, 8, 500)
        try proc.close(10, 3)
        let owners = (0..<OwnerResolver.verificationPeriod).map { _ in
            scrapes.owner(of: .row(inode: 500))
        }
        #expect(owners.last == "process b")
        #expect(Set(owners).isSubset(of: ["process a", "process b"]))
        var fresh = self.scrapes()
        #expect(fresh.owner(of: .row(inode: 500)) == "process b")
    }

    @Test func aSocketPassedOnSoonAfterItsBirthIsNoticedAtOnce() throws {
        try proc.put(10, .init(executable: "/bin/a"))
        try proc.put(11, .init(executable: "/bin/b"))
        var scrapes = scrapes()
        _ = scrapes.scrape([])
        try proc.open(10, 3, 500)
        #expect(scrapes.owner(of: .row(inode: 500)) == "process a")
        try proc.open(11, 8, 500)
        try proc.close(10, 3)
        #expect(scrapes.owner(of: .row(inode: 500)) == "process b")
    }

    @Test func theSocketsOfADeadProcessGoToTheirOtherHolder() throws {
        try proc.put(10, .init(start: 5, executable: "/bin/a", sockets: [3: 500]))
        try proc.put(11, .init(start: 9, executable: "/bin/b", sockets: [3: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process a")
        try proc.end(10)
        #expect(scrapes.owner(of: .row(inode: 500)) == "process b")
    }

    @Test func aProcessThatRunsAnotherProgramIsRenamedAtTheNextScrape() throws {
        try proc.put(10, .init(executable: "/bin/launcher", sockets: [3: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process launcher")
        try proc.put(10, .init(executable: "/bin/server", sockets: [3: 500]))
        #expect(scrapes.owner(of: .row(inode: 500)) == "process server")
        #expect(scrapes.modules.living.count == 1)
    }

    /// Programs pass their sockets on before they become another, and close them in doing so.
    @Test func aProcessThatRunsAnotherProgramLosesWhatItNoLongerHoldsAtTheNextScrape() throws {
        try proc.put(10, .init(executable: "/bin/launcher", sockets: [3: 500]))
        try proc.put(11, .init(executable: "/bin/server"))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process launcher")
        try proc.open(11, 3, 500)
        try proc.put(10, .init(executable: "/bin/shell"))
        #expect(scrapes.owner(of: .row(inode: 500)) == "process server")
    }

    @Test func aProgramUnderTheSameNameIsNoticedWithinThePeriod() throws {
        try proc.put(10, .init(command: "same", executable: "/bin/old", sockets: [3: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process old")
        try proc.put(10, .init(command: "same", executable: "/bin/new", sockets: [3: 500]))
        let owners = (0..<ProcessCache.descriptionPeriod).map { _ in
            scrapes.owner(of: .row(inode: 500))
        }
        #expect(owners.last == "process new")
    }

    @Test func aReusedProcessNumberIsAnotherProcess() throws {
        try proc.put(10, .init(start: 100, executable: "/bin/old", sockets: [3: 500]))
        var scrapes = scrapes()
        #expect(scrapes.owner(of: .row(inode: 500)) == "process old")
        try proc.put(10, .init(start: 200, executable: "/bin/new", sockets: [3: 501]))
        #expect(scrapes.owner(of: .row(inode: 501)) == "process new")
    }

    /// The old owner was seen to live when the scrape began: its number must not lend its name.
    @Test(arguments: [3, 4, 60] as [UInt32])
    func aProcessNumberReusedDuringTheScrapeNeverLendsItsName(_ descriptor: UInt32) throws {
        try proc.put(10, .init(start: 100, executable: "/bin/old", sockets: [3: 500]))
        var scrapes = scrapes()
        _ = scrapes.scrape([.row(inode: 500)])
        let answers = scrapes.scrape([.row(inode: 501)]) {
            try proc.put(
                10, .init(start: 200, executable: "/bin/new", sockets: [descriptor: 501]))
        }
        #expect(answers.owner == "process new")
    }

    @Test func aRememberedSocketInAReusedNumberNeverHasTheOldName() throws {
        try proc.put(10, .init(start: 100, executable: "/bin/old"))
        var scrapes = scrapes()
        _ = scrapes.scrape([])
        try proc.open(10, 3, 500)
        #expect(scrapes.owner(of: .row(inode: 500)) == "process old")
        // It is young, and to be verified.
        let answers = scrapes.scrape([.row(inode: 500)]) {
            try proc.put(10, .init(start: 200, executable: "/bin/new", sockets: [3: 500]))
        }
        #expect(answers.owner == "process new")
    }

    /// The first attempt's rows do not keep the answers of the dead alive.
    @Test func anInterruptedScrapeNeverLeavesAWrongNameBehind() throws {
        try proc.put(10, .init(start: 100, executable: "/bin/old", sockets: [3: 500]))
        var scrapes = scrapes()
        _ = scrapes.scrape([.row(inode: 500)])
        try proc.end(10)
        _ = scrapes.scrape([], after: [.row(inode: 500)])
        try proc.put(20, .init(start: 300, executable: "/bin/other", sockets: [3: 600]))
        _ = scrapes.scrape([.row(inode: 600)])
        #expect(scrapes.scrape([.row(inode: 500)])["process other"] == 0)
    }

    /// Where every second scrape fails, the dead one's socket comes back when its place is taken.
    @Test func failedScrapesNeverLeaveAWrongNameBehind() throws {
        try proc.put(10, .init(start: 100, executable: "/bin/old", sockets: [3: 500]))
        var scrapes = scrapes()
        _ = scrapes.scrape([.row(inode: 500)])
        try proc.end(10)
        scrapes.fail()
        _ = scrapes.scrape([])
        try proc.put(20, .init(start: 300, executable: "/bin/other", sockets: [3: 600]))
        scrapes.fail()
        _ = scrapes.scrape([.row(inode: 600)])
        scrapes.fail()
        #expect(scrapes.scrape([.row(inode: 500)])["process other"] == 0)
    }

    @Test func scrapesThatFailForgetWhatIsGoneAllTheSame() throws {
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
        var scrapes = scrapes()
        _ = scrapes.scrape([.row(inode: 500)])
        for _ in 0..<5 {
            scrapes.fail()
            _ = scrapes.scrape([])
        }
        #expect(scrapes.cachedSocketCount == 0)
    }
}
