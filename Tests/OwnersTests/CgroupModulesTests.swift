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
            modules.resolve([nginx], ModuleTable())
            #expect(modules.module(of: nginx) == .service(unit: Array("nginx.service".utf8)))
        }
        #expect(directories.asked == [[nginx]])
    }

    @Test func anUnknownOneIsCachedAsUnknown() {
        let directories = CountingDirectories([:])
        var modules = CgroupModules(directories)
        for _ in 0..<3 { modules.resolve([gone], ModuleTable()) }
        #expect(modules.module(of: gone) == nil)
        #expect(directories.asked == [[gone]])
    }

    @Test func whatNobodyAsksAboutIsForgotten() {
        let directories = CountingDirectories([:])
        var modules = CgroupModules(directories)
        modules.resolve([gone], ModuleTable())
        modules.resolve([], ModuleTable())
        modules.resolve([gone], ModuleTable())
        #expect(directories.asked == [[gone], [gone]])
    }

    /// The root is no service and no container, and the most frequent one on hybrid hosts.
    @Test func theRootIsKnownWithoutALook() {
        let directories = CountingDirectories([:])
        var modules = CgroupModules(directories)
        modules.resolve([CgroupID(rawValue: 1)], ModuleTable())
        #expect(modules.module(of: CgroupID(rawValue: 1)) == nil)
        #expect(directories.asked.isEmpty)
    }

    @Test(arguments: [
        ("/system.slice/lazy.socket", "lazy.service", "lazy@.service"),
        ("/system.slice/my-web.socket", "my-web.service", "my-web@.service"),
    ])
    func aSocketUnitsSocketIsItsServicesOrItsTemplatesOnceThatHasHadAnInstance(
        _ path: String, _ service: String, _ template: String
    ) throws {
        var modules = CgroupModules(CountingDirectories([nginx: path]))
        var table = ModuleTable()
        modules.resolve([nginx], table)
        #expect(modules.module(of: nginx) == .service(unit: Array(service.utf8)))
        _ = table.touch(.service(unit: Array(template.utf8)))
        modules.resolve([nginx], table)
        #expect(modules.module(of: nginx) == .service(unit: Array(template.utf8)))
        // It stays when the last instance has ended.
        modules.resolve([nginx], ModuleTable())
        #expect(modules.module(of: nginx) == .service(unit: Array(template.utf8)))
    }

    @Test(arguments: [
        ("/system.slice/lazy.socket", "/system.slice/system-lazy.slice"),
        ("/system.slice/my-web.socket", "/system.slice/system-my\\x2dweb.slice"),
        (
            "/user.slice/user@7.service/app.slice/my-web.socket",
            "/user.slice/user@7.service/app.slice/app-my\\x2dweb.slice"
        ),
    ])
    func theSliceOfATemplatesInstancesTellsOfThem(_ path: String, _ slice: String) {
        let directories = CountingDirectories([nginx: path], slices: [slice])
        var modules = CgroupModules(directories)
        modules.resolve([nginx], ModuleTable())
        let name = modules.module(of: nginx).map(OwnerModule.init)?.name
        #expect(name?.hasSuffix("@.service") == true)
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

    private let slices: Set<String>

    init(_ known: [CgroupID: String], slices: Set<String> = []) {
        self.known = known
        self.slices = slices
    }

    var asked: [Set<CgroupID>] { questions.withLock { $0 } }

    func contains(_ path: [UInt8]) -> Bool {
        slices.contains(String(decoding: path, as: UTF8.self))
    }

    func paths(of ids: Set<CgroupID>) -> [CgroupID: [UInt8]] {
        questions.withLock { $0.append(ids) }
        return known.filter { ids.contains($0.key) }.mapValues { Array($0.utf8) }
    }
}
