import HostFakes
import Procfs
import TCPConnections
import TableFakes
import Testing

@testable import OwnerModules

/// Connections that are closed before their holders are looked for.
struct ClosedSocketTests {
    private let proc: FakeHost

    init() throws { proc = try FakeHost() }

    /// A process that is known to hold one socket, and has got another one by a descriptor at which
    /// nobody would look for it.
    private func attribution() throws -> OwnerAttribution {
        try proc.put(10, .init(executable: "/usr/bin/server", sockets: [3: 500]))
        var attribution = OwnerAttribution(
            procfs: proc.procfs, cgroupfs: CgroupFS(mount: "/nonexistent"))
        attribution.descriptorsWorthAPass = 0
        _ = attribution.scrape([.row(inode: 500)])
        try proc.put(10, .init(executable: "/usr/bin/server", sockets: [3: 500, 70: 501]))
        return attribution
    }

    @Test func whatIsStillOpenIsLookedForEverywhere() throws {
        var attribution = try attribution()
        var asked: Set<SocketInode> = []
        let answers = attribution.scrape([.row(inode: 500), .row(inode: 501)]) { sockets in
            asked = sockets
            return sockets
        }
        #expect(asked == [SocketInode(rawValue: 501)])
        #expect(answers["process server"] == 2)
    }

    @Test func whatIsClosedIsNotLookedForAndItsOwnerIsGone() throws {
        var attribution = try attribution()
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501)]
        let answers = attribution.scrape(rows) { _ in [] }
        #expect(answers["process server"] == 1)
        #expect(answers["partial"] == 1)
    }

    @Test func whereThatCannotBeToldEverythingIsLookedFor() throws {
        var attribution = try attribution()
        let answers = attribution.scrape([.row(inode: 500), .row(inode: 501)]) { _ in nil }
        #expect(answers["process server"] == 2)
    }

    @Test func nobodyIsAskedWhenNothingIsMissing() throws {
        var attribution = try attribution()
        var isAsked = false
        _ = attribution.scrape([.row(inode: 500)]) { sockets in
            isAsked = true
            return sockets
        }
        #expect(!isAsked)
    }

    /// A client that was just started is the commonest of all new holders.
    @Test func nobodyIsAskedWhenANewProcessHoldsWhatIsMissing() throws {
        var attribution = try attribution()
        try proc.put(20, .init(start: 900, executable: "/usr/bin/client", sockets: [5: 502]))
        var isAsked = false
        let answers = attribution.scrape([.row(inode: 500), .row(inode: 502)]) { sockets in
            isAsked = true
            return sockets
        }
        #expect(!isAsked)
        #expect(answers["process client"] == 1)
    }

    /// Number 3 was free for a moment while the table was read: 500 is in it still, and 501 has got the
    /// number. Where 502 was found, 501 is likely too.
    @Test(arguments: [true, false])
    func nobodyIsAskedWhenASmallProcessThatGotOthersHoldsWhatIsMissing(_ isSmall: Bool) throws {
        var attribution = try attribution()
        attribution.descriptorsWorthALook = isSmall ? .max : 0
        try proc.put(10, .init(executable: "/usr/bin/server", sockets: [3: 501, 4: 502]))
        var isAsked = false
        let rows: [TCPConnection] = [.row(inode: 500), .row(inode: 501), .row(inode: 502)]
        let answers = attribution.scrape(rows) { sockets in
            isAsked = true
            return sockets
        }
        #expect(isAsked == !isSmall)
        #expect(answers["process server"] == 3)
    }

    /// It costs less to look through few descriptors than to read the table again.
    @Test func nobodyIsAskedOnASmallHost() throws {
        var attribution = try attribution()
        attribution.descriptorsWorthAPass = .max
        var isAsked = false
        let answers = attribution.scrape([.row(inode: 500), .row(inode: 501)]) { sockets in
            isAsked = true
            return sockets
        }
        #expect(!isAsked)
        #expect(answers["process server"] == 2)
    }
}
