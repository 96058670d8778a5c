import Procfs
import Synchronization
import TCPModel
import TestSupport
import Testing

@testable import Owners

/// The modules of cgroups by ID.
struct CgroupModulesTests {
    private let nginx = CgroupID(rawValue: 7)
    private let gone = CgroupID(rawValue: 8)

    @Test func aCgroupIsLookedUpOnceHoweverOftenItIsMet() {
        let directories = CountingDirectories([nginx: "/system.slice/nginx.service"])
        var modules = CgroupModules(directories)
        for _ in 0..<3 {
            modules.beginScrape()
            modules.resolve([nginx])
            #expect(modules.module(of: nginx) == .service(unit: Array("nginx.service".utf8)))
        }
        #expect(directories.asked == [[nginx]])
    }

    @Test func anUnknownOneIsCachedAsUnknown() {
        let directories = CountingDirectories([:])
        var modules = CgroupModules(directories)
        for _ in 0..<3 { modules.resolve([gone]) }
        #expect(modules.module(of: gone) == nil)
        #expect(directories.asked == [[gone]])
    }

    @Test func whatNobodyAsksAboutIsForgotten() {
        let directories = CountingDirectories([:])
        var modules = CgroupModules(directories)
        modules.resolve([gone])
        modules.resolve([])
        modules.resolve([gone])
        #expect(directories.asked == [[gone], [gone]])
    }

    /// The root is no service and no container, and the most frequent one on hybrid hosts.
    @Test func theRootIsKnownWithoutALook() {
        let directories = CountingDirectories([:])
        var modules = CgroupModules(directories)
        modules.resolve([CgroupID(rawValue: 1)])
        #expect(modules.module(of: CgroupID(rawValue: 1)) == nil)
        #expect(directories.asked.isEmpty)
    }

    @Test func moreCgroupsThanCanBeToldApartHaveNoNumber() throws {
        var cgroups = CgroupModules(CountingDirectories([:]))
        for id in 1...70_000 as ClosedRange<UInt64> {
            let number = cgroups.number(of: .init(rawValue: id))
            #expect(cgroups[number] == (id <= 65_535 ? .init(rawValue: id) : nil))
        }
        #expect(cgroups.number(of: nil) == .none)
        let seventh = cgroups.number(of: .init(rawValue: 7))
        #expect(cgroups[seventh] == .init(rawValue: 7))
        cgroups.beginScrape()
        let ninth = cgroups.number(of: .init(rawValue: 9))
        #expect(cgroups[ninth] == .init(rawValue: 9))
    }
}

/// Directories that note what they are asked for.
private final class CountingDirectories: CgroupDirectories {
    let rootID: CgroupID? = CgroupID(rawValue: 1)
    private let known: [CgroupID: String]
    private let questions = Mutex<[Set<CgroupID>]>([])

    init(_ known: [CgroupID: String]) { self.known = known }

    var asked: [Set<CgroupID>] { questions.withLock { $0 } }

    func paths(of ids: Set<CgroupID>) -> [CgroupID: [UInt8]] {
        questions.withLock { $0.append(ids) }
        return known.filter { ids.contains($0.key) }.mapValues { Array($0.utf8) }
    }
}
