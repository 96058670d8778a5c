import HostFakes
import Procfs
import SystemPackage
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Processes that one may not look into, on made-up hosts.
struct HiddenProcessTests {
    private let proc: FakeHost

    init() throws {
        proc = try FakeHost()
        try proc.put(10, .init(executable: "/bin/own", sockets: [3: 500]))
        try proc.put(20, .init(executable: "/bin/others", sockets: [3: 600]))
    }

    private func scrapes() -> Scrapes {
        Scrapes(proc)
    }

    private let table = [TCPConnection.row(inode: 500), .row(inode: 600), .row(.timeWait)]

    /// What is hidden: the list of descriptors, all of the process (`hidepid=1`), and everybody's.
    @Test(arguments: [["20/fd"], ["20"], ["20/stat"], ["20", "1"]])
    func whatMayBeHeldByAHiddenProcessIsProtected(_ hidden: [String]) throws {
        for path in hidden { try proc.forbid(path) }
        try withoutCapabilities {
            var scrapes = scrapes()
            for _ in 0..<70 {
                let answers = scrapes.scrape(table)
                #expect(answers["process own"] == 1)
                #expect(answers["protected"] == 1)
                #expect(answers["not_found", .timeWait] == 1)
                #expect(answers.total == 3)
                #expect(scrapes.visibility.isRightMissing)
            }
        }
    }

    /// `hidepid=2` lists no process of others at all, PID 1 among them.
    @Test func whatNoProcessShowsIsProtectedWhereTheFirstOneIsHidden() throws {
        try proc.end(1)
        try proc.end(20)
        var scrapes = scrapes()
        for _ in 0..<3 {
            let answers = scrapes.scrape(table)
            #expect(answers["process own"] == 1)
            #expect(answers["protected"] == 1)
        }
        #expect(scrapes.visibility.areProcessesHidden)
    }

    @Test func whatNobodyHoldsIsNotFoundWhereEverythingCanBeSeen() throws {
        try proc.end(20)
        var scrapes = scrapes()
        #expect(scrapes.scrape(table)["partial"] == 1)
        for _ in 0..<3 {
            let answers = scrapes.scrape(table)
            #expect(answers["kernel"] == 1)
            #expect(answers["not_found"] == 1)
        }
        #expect(!scrapes.visibility.isRightMissing)
    }

    @Test func whatNobodyHoldsIsNotFoundInANestedNamespace() throws {
        try proc.end(20)
        try proc.remove("1/ns/pid")
        var scrapes = scrapes()
        #expect(scrapes.scrape(table)["not_found"] == 2)
        #expect(scrapes.visibility.isNamespaceNested)
    }

    @Test func aHiddenProcessHidesNothingAfterItsEnd() throws {
        try proc.forbid("20/fd")
        var scrapes = scrapes()
        try withoutCapabilities {
            #expect(scrapes.scrape(table)["protected"] == 1)
            #expect(scrapes.visibility.deniedProcessCount == 1)
        }
        try proc.end(20)
        try withoutCapabilities {
            #expect(scrapes.scrape([.row(inode: 700)])["partial"] == 1)
            #expect(scrapes.visibility.deniedProcessCount == 0)
        }
    }

    /// The table is read again: what has gone from it was closed, and is no hidden process'.
    @Test func whatIsClosedMeanwhileIsNotTakenForAHiddenProcess() throws {
        try proc.forbid("20/fd")
        var scrapes = scrapes()
        let reread = ScriptedTable([.row(inode: 500), .row(inode: 600)])
        try withoutCapabilities {
            let answers = scrapes.scrape(table + [.row(inode: 601)], rereading: reread)
            #expect(answers["process own"] == 1)
            #expect(answers["protected"] == 1)
            #expect(answers["partial"] == 1)
        }
        let denied = scrapes.visibility.deniedProcess
        #expect(denied?.process == ProcessID(rawValue: 20))
        #expect(denied?.command == Array("others".utf8))
        #expect(denied?.errno == .permissionDenied)
    }

    @Test func aProcWithoutAnyProcessIsToldOfAndGivesEveryConnection() throws {
        var scrapes = scrapes()
        _ = scrapes.scrape(table)
        try proc.forbid("")
        try withoutCapabilities {
            let owners = try scrapes.owners(of: table)
            #expect(owners == ["protected", "protected", "not_found"])
            #expect(scrapes.failure != nil)
            #expect(scrapes.visibility.areProcessesHidden)
        }
    }

    @Test func theListenersReasonIsThatOfWhatItHasNotAccepted() throws {
        try proc.forbid("20/fd")
        try withoutCapabilities {
            var scrapes = scrapes()
            let answers = scrapes.scrape([.row(.listen, inode: 600), .row(.synRecv), .row()])
            #expect(answers["protected"] == 3)
        }
    }
}
