import HostFakes
import Procfs
import SystemPackage
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// What a search does not reach, or cannot read, is said, and is searched for again.
struct SearchBudgetTests {
    private let proc: FakeHost

    init() throws {
        proc = try FakeHost()
        try proc.put(10, .init(executable: "/bin/a", sockets: [3: 500]))
    }

    private func scrapes(timeMax: Duration?) -> Scrapes {
        Scrapes(
            OwnerResolver(
                holders: DescriptorScan(proc.procfs), information: proc.procfs,
                cgroups: proc.cgroupfs, searchTimeMax: timeMax))
    }

    @Test func whatASearchWithoutTimeDoesNotReachIsPartialAndNotCached() throws {
        var scrapes = scrapes(timeMax: .zero)
        for _ in 0..<3 {
            #expect(scrapes.owner(of: .row(inode: 500)) == "partial")
            #expect(scrapes.isExhausted)
            #expect(scrapes.cachedSocketCount == 0)
        }
    }

    @Test func aSearchThatEndsInTimeIsNotExhausted() throws {
        var scrapes = scrapes(timeMax: .seconds(600))
        #expect(scrapes.owner(of: .row(inode: 500)) == "process a")
        #expect(!scrapes.isExhausted)
    }

    /// Too many open files while the descriptors are read: nobody knows whose the socket is.
    @Test(arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .ioError, .noMemory])
    func whatCannotBeReadIsPartialSaysSoAndIsFoundAtTheNextScrape(_ errno: Errno) throws {
        var scrapes = scrapes(timeMax: nil)
        let outcomes = withEachCallFailing(errno) { () -> Bool in
            var fresh = self.scrapes(timeMax: nil)
            let owner = fresh.owner(of: .row(inode: 500))
            return owner == "partial" && fresh.visibility.failure != nil
                && fresh.cachedSocketCount == 0
        }
        let told = outcomes.compactMap { try? $0.result.get() }.filter(\.self)
        #expect(!told.isEmpty)
        #expect(scrapes.owner(of: .row(inode: 500)) == "process a")
    }
}
