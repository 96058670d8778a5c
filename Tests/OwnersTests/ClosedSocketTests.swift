import HostFakes
import Procfs
import TCPModel
import TableFakes
import Testing

@testable import Owners

/// Connections that are closed before their holders are searched for.
struct ClosedSocketTests {
    private let proc: FakeHost
    private let table = RereadTable()

    init() throws { proc = try FakeHost() }

    /// A process that is known to hold one socket, and has got another one by a descriptor at which
    /// nobody would look for it.
    private func scrapes(
        passFrom descriptorsWorthAPass: Int64 = 0, lookUpTo descriptorsWorthALook: Int64 = 1000
    ) throws -> Scrapes {
        try proc.put(10, .init(executable: "/usr/bin/server", sockets: [3: 500]))
        let thresholds = HolderSearch.Thresholds(
            descriptorsWorthAPass: descriptorsWorthAPass,
            descriptorsWorthALook: descriptorsWorthALook)
        var scrapes = Scrapes(
            OwnerResolver(
                KnownOwners(proc.procfs, proc.cgroupfs),
                HolderSearch(DescriptorScan(proc.procfs), thresholds)))
        _ = scrapes.scrape([.row(inode: 500)])
        try proc.put(10, .init(executable: "/usr/bin/server", sockets: [3: 500, 70: 501]))
        return scrapes
    }

    @Test func whatIsStillOpenIsSearchedForEverywhere() throws {
        var scrapes = try scrapes()
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501)]
        table.rows = rows
        #expect(scrapes.scrape(rows, rereading: table)["process server"] == 2)
        #expect(table.readCount == 1)
    }

    @Test func whatIsClosedIsNotSearchedForAndItsOwnerIsGone() throws {
        var scrapes = try scrapes()
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501)]
        let answers = scrapes.scrape(rows, rereading: table)
        #expect(answers["process server"] == 1)
        #expect(answers["partial"] == 1)
    }

    @Test func whereTheTableCannotBeReadAgainEverythingIsSearchedFor() throws {
        var scrapes = try scrapes()
        let answers = scrapes.scrape([.row(inode: 500), .row(inode: 501)])
        #expect(answers["process server"] == 2)
    }

    @Test func theTableIsNotReadAgainWhenNothingIsMissing() throws {
        var scrapes = try scrapes()
        _ = scrapes.scrape([.row(inode: 500)], rereading: table)
        #expect(table.readCount == 0)
    }

    /// A client that was just started is the commonest of all new holders.
    @Test func theTableIsNotReadAgainWhenANewProcessHoldsWhatIsMissing() throws {
        var scrapes = try scrapes()
        try proc.put(20, .init(start: 900, executable: "/usr/bin/client", sockets: [5: 502]))
        let answers = scrapes.scrape([.row(inode: 500), .row(inode: 502)], rereading: table)
        #expect(table.readCount == 0)
        #expect(answers["process client"] == 1)
    }

    /// Number 3 was free for a moment while the table was read: 500 is in it still, and 501 has got the
    /// number. Where 502 was found, 501 is likely too.
    @Test(arguments: [true, false])
    func theTableIsNotReadAgainWhenASmallBusyProcessHoldsWhatIsMissing(
        _ isSmall: Bool
    ) throws {
        var scrapes = try scrapes(lookUpTo: isSmall ? .max : 0)
        try proc.put(10, .init(executable: "/usr/bin/server", sockets: [3: 501, 4: 502]))
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501), .row(inode: 502)]
        table.rows = rows
        let answers = scrapes.scrape(rows, rereading: table)
        #expect(table.readCount == (isSmall ? 0 : 1))
        #expect(answers["process server"] == 3)
    }

    /// Reading few descriptors costs less than reading the table again.
    @Test func theTableIsNotReadAgainOnASmallHost() throws {
        var scrapes = try scrapes(passFrom: .max)
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501)]
        #expect(scrapes.scrape(rows, rereading: table)["process server"] == 2)
        #expect(table.readCount == 0)
    }
}

/// A table that counts how often it is read.
private final class RereadTable: ConnectionSource {
    var rows: [TCPConnection] = []
    private(set) var readCount = 0
    private var isComplete = false

    func next(_ rows: inout [TCPConnection]) throws(ConnectionSourceError) -> DumpStep {
        rows = []
        isComplete.toggle()
        guard isComplete else { return .complete(DumpOutcome()) }
        readCount += 1
        rows = self.rows
        return .rows
    }
}
