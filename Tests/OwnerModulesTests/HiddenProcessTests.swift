import HostFakes
import Procfs
import TCPConnections
import TableFakes
import TestSupport
import Testing

@testable import OwnerModules

/// Processes that one may not look into, on made-up hosts.
struct HiddenProcessTests {
    private let proc: FakeHost

    init() throws {
        proc = try FakeHost()
        try proc.put(10, .init(executable: "/bin/own", sockets: [3: 500]))
        try proc.put(20, .init(executable: "/bin/others", sockets: [3: 600]))
    }

    private func attribution() -> OwnerAttribution {
        OwnerAttribution(procfs: proc.procfs, cgroupfs: .init(mount: "/nonexistent"))
    }

    private let table = [TCPConnection.row(inode: 500), .row(inode: 600), .row(.timeWait)]

    /// What is hidden: the list of descriptors, all of the process (`hidepid=1`), and everybody's.
    @Test(arguments: [["20/fd"], ["20"], ["20/stat"], ["20", "1"]])
    func whatMayBeHeldByAHiddenProcessIsProtected(_ hidden: [String]) throws {
        for path in hidden { try proc.forbid(path) }
        try withoutCapabilities {
            var attribution = attribution()
            for _ in 0..<70 {
                let answers = attribution.scrape(table)
                #expect(answers["process own"] == 1)
                #expect(answers["protected"] == 1)
                #expect(answers["not_found", .timeWait] == 1)
                #expect(answers.total == 3)
                #expect(attribution.visibility.isRightMissing)
            }
        }
    }

    /// `hidepid=2` lists no process of others at all, PID 1 among them.
    @Test func whatNoProcessShowsIsProtectedWhereTheFirstOneIsHidden() throws {
        try proc.end(1)
        try proc.end(20)
        var attribution = attribution()
        for _ in 0..<3 {
            let answers = attribution.scrape(table)
            #expect(answers["process own"] == 1)
            #expect(answers["protected"] == 1)
        }
        #expect(attribution.visibility.areProcessesHidden)
    }

    @Test func whatNobodyHoldsIsNotFoundWhereEverythingCanBeSeen() throws {
        try proc.end(20)
        var attribution = attribution()
        #expect(attribution.scrape(table)["partial"] == 1)
        for _ in 0..<3 { #expect(attribution.scrape(table)["not_found"] == 2) }
        #expect(!attribution.visibility.isRightMissing)
    }

    @Test func whatNobodyHoldsIsNotFoundInANestedNamespace() throws {
        try proc.end(20)
        try proc.remove("1/ns/pid")
        var attribution = attribution()
        #expect(attribution.scrape(table)["not_found"] == 2)
        #expect(attribution.visibility.isNamespaceNested)
    }

    @Test func aHiddenProcessHidesNothingAfterItsEnd() throws {
        try proc.forbid("20/fd")
        var attribution = attribution()
        try withoutCapabilities {
            #expect(attribution.scrape(table)["protected"] == 1)
            #expect(attribution.visibility.deniedProcessCount == 1)
        }
        try proc.end(20)
        try withoutCapabilities {
            #expect(attribution.scrape([.row(inode: 700)])["partial"] == 1)
            #expect(attribution.visibility.deniedProcessCount == 0)
        }
    }

    @Test func aProcWithoutAnyProcessIsToldOfAndGivesEveryConnection() throws {
        var attribution = attribution()
        _ = attribution.scrape(table)
        try proc.forbid("")
        try withoutCapabilities {
            attribution.beginScrape()
            for row in table { attribution.take(row) { _, _ in } }
            var count: UInt64 = 0
            #expect(throws: (any Error).self) {
                try attribution.attribute { tally, owner in
                    count += tally.count
                    if tally.state != .timeWait { #expect(owner == .unattributed(.protected)) }
                } listener: { _ in
                }
            }
            #expect(count == 2)
            #expect(attribution.visibility.areProcessesHidden)
        }
    }

    @Test func theListenersReasonIsThatOfWhatItHasNotAccepted() throws {
        try proc.forbid("20/fd")
        try withoutCapabilities {
            var attribution = attribution()
            let answers = attribution.scrape([.row(.listen, inode: 600), .row(.synRecv), .row()])
            #expect(answers["protected"] == 3)
        }
    }
}
