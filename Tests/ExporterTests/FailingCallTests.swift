import Exporter
import Foundation
import HostFakes
import Procfs
import SystemPackage
import TableFakes
import TestSupport
import Testing

/// One whole scrape of the kernel's table, in which one system call after the other fails.
///
/// Without the table nothing of it is told. All else that fails is told: by a collector's success, by
/// the connections that are `partial` or `protected`, or by a problem. What matters to nobody leaves
/// the exposition as it was: closing, kernel TLS where no connection has it, the directories of
/// processes that hold none of the sockets, the second of two ways to see the PID namespace, and the
/// cgroups of a process that is in none. An executable whose path cannot be read is named by its
/// command, as one that may not be read.
@Suite(.slow, .requires(.networkNamespaces))
struct FailingCallTests {
    /// In a process of its own: a trap is then a failure, and not the end of all tests.
    @Test(arguments: [EIO, EACCES, ENOENT, EMFILE, ENOMEM, EINTR, ENOBUFS])
    func whateverFailsIsTold(_ error: Int32) async {
        await #expect(processExitsWith: .success) { [error] in
            try failEachCall(Errno(rawValue: error), isWarm: false)
        }
    }

    /// What an earlier scrape has left to be remembered hides no failure.
    @Test(arguments: [EIO, EACCES, EMFILE])
    func whateverFailsIsToldLaterToo(_ error: Int32) async {
        await #expect(processExitsWith: .success) { [error] in
            try failEachCall(Errno(rawValue: error), isWarm: true)
        }
    }
}

/// In one network namespace after the other, as the sockets do not last for ever.
private func failEachCall(_ error: Errno, isWarm: Bool) throws {
    var callCount: UInt = 0
    var isOver = false
    while !isOver {
        isOver = try inNewNetworkNamespace {
            try failCalls(after: &callCount, error, isWarm: isWarm)
        }
    }
    #expect(callCount > 20)
}

/// As many calls as the sockets last for. Returns whether there are no more.
private func failCalls(after callCount: inout UInt, _ error: Errno, isWarm: Bool) throws -> Bool {
    let held = try [
        HeldSockets(.established, .ipv4), HeldSockets(.notAccepted, .ipv6),
        HeldSockets(.timeWait, .ipv4),
    ]
    let end = ContinuousClock.now + SocketScenario.leastDuration
    defer { for sockets in held { sockets.close() } }
    let proc = try FileTree.ownProc()
    var scraper = KernelScraper(ProcFS(root: proc.root))
    let whole = try WholeScrape(scraper.scrape())
    while ContinuousClock.now < end {
        scraper = KernelScraper(ProcFS(root: proc.root))
        if isWarm { _ = scraper.scrape() }
        let outcome = withFailingCall(callCount + 1, error) { scraper.scrape() }
        guard let outcome else { return true }
        callCount += 1
        try whole.check(outcome)
    }
    return false
}

/// A scrape in which nothing failed.
private struct WholeScrape {
    private let scrape: Scrape
    private let text: MetricsText
    private let masked: String

    init(_ scrape: Scrape) throws {
        self.scrape = scrape
        text = try MetricsText(scrape.exposition)
        masked = ExporterTests.masked(scrape.exposition)
        #expect(scrape.isTableRead)
        #expect(text.conservationBreaches == [])
    }

    func check(_ outcome: FaultOutcome<Scrape>) throws {
        let comment = Comment("call \(outcome.nth), \(outcome.failedCall)")
        #expect(outcome.descriptorsLeftOpen == 0, comment)
        let scrape = try outcome.result.get()
        if ExporterTests.masked(scrape.exposition) == masked { return }
        let text = try MetricsText(scrape.exposition)
        #expect(text.conservationBreaches == [], comment)
        if scrape.isTableRead {
            let isTold =
                text.unseen > self.text.unseen || text.hasFailedCollector
                || scrape.problems.count > self.scrape.problems.count
                || (outcome.failedCall == "readlink" && text.namesOwnCommand)
            #expect(isTold, comment)
            #expect(text.tableRows == self.text.tableRows, comment)
        } else {
            #expect(text["tcptable_connections"] == nil, comment)
            #expect(text["tcptable_module_connections"] == nil, comment)
            #expect(scrape.problems.first?.contains(outcome.failedCall) == true, comment)
        }
    }
}

extension MetricsText {
    fileprivate var hasFailedCollector: Bool {
        samples("tcptable_scrape_collector_success").contains { $0.value == 0 }
    }

    /// Connections that have no owner for a reason that is a failure.
    fileprivate var unseen: Double {
        let reasons = sums("tcptable_unattributed_connections", by: "reason")
        return reasons["partial", default: 0] + reasons["protected", default: 0]
    }

    /// Whether this process' connections stand under the name that it has as a command.
    fileprivate var namesOwnCommand: Bool {
        let command = try? String(contentsOfFile: "/proc/self/comm", encoding: .utf8)
        let name = command?.trimmingCharacters(in: .newlines)
        return samples("tcptable_module_connections").contains { $0["module"] == name }
    }
}
