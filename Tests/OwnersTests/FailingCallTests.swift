import HostFakes
import Procfs
import SystemPackage
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Every system call of a scrape fails once.
@Suite(.slow)
struct FailingCallTests {
    private let proc: FakeHost
    private let rows: [TCPConnection] = [
        .row(inode: 500), .row(inode: 501), .row(.listen, inode: 600), .row(.synRecv),
        .row(inode: 700), .row(.lastAck, cgroup: 3, queues: (0, 9)), .row(.timeWait),
    ]

    init() throws {
        proc = try FakeHost()
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
        try proc.put(11, .init(executable: "/bin/b", sockets: [3: 600]))
        try proc.put(
            12, .init(parent: 11, cgroups: [":/system.slice/c.service"], sockets: [4: 501]))
    }

    private func fresh() -> Scrapes {
        Scrapes(proc, cgroups: CgroupFS())
    }

    @Test(arguments: [Errno.permissionDenied, .tooManyOpenFiles, .noSuchProcess, .ioError])
    func theFirstScrapeGivesEveryConnectionOnceWhateverFails(_ error: Errno) {
        let outcomes = withEachCallFailing(error) {
            var scrapes = fresh()
            return scrapes.scrape(rows)
        }
        #expect(outcomes.count > 20)
        for outcome in outcomes { check(outcome) }
    }

    @Test(arguments: [Errno.permissionDenied, .tooManyOpenFiles, .noSuchProcess, .ioError])
    func aLaterScrapeGivesEveryConnectionOnceWhateverFails(_ error: Errno) throws {
        var warm = fresh()
        _ = warm.scrape(rows)
        let scrapes = warm
        let more = rows + [.row(inode: 502)]
        try proc.open(10, 4, 502)
        let outcomes = withEachCallFailing(error) {
            var scrapes = scrapes
            return scrapes.scrape(more)
        }
        #expect(outcomes.count > 20)
        for outcome in outcomes { check(outcome, 1) }
    }

    /// What failed is made good for by the next scrape; that a socket is the kernel's own takes two.
    @Test func afterAFailureTheNextScrapesAreRight() {
        var unharmed = fresh()
        _ = unharmed.scrape(rows)
        let expected = unharmed.scrape(rows)
        let outcomes = withEachCallFailing(.tooManyOpenFiles) {
            var scrapes = fresh()
            _ = scrapes.scrape(rows)
            return scrapes
        }
        for outcome in outcomes {
            guard case .success(var scrapes) = outcome.result else { continue }
            _ = scrapes.scrape(rows)
            let answers = scrapes.scrape(rows)
            #expect(answers == expected, "after call \(outcome.nth), \(outcome.failedCall)")
        }
    }

    private func check(_ outcome: FaultOutcome<Answers>, _ more: UInt64 = 0) {
        let call = "call \(outcome.nth), \(outcome.failedCall)"
        #expect(outcome.descriptorsLeftOpen == 0, "\(call)")
        guard case .success(let answers) = outcome.result else { return }
        #expect(answers.total == 7 + more, "\(call)")
        #expect(answers[.established] == 3 + more, "\(call)")
        for state in [TCPState.listen, .synRecv, .lastAck, .timeWait] {
            #expect(answers[state] == 1, "\(call)")
        }
        #expect(answers.sendQueue == 9, "\(call)")
    }
}
