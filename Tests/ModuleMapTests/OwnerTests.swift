import Configuration
import Glibc
import HostFakes
import Owners
import Procfs
import Synchronization
import TableFakes
import TestSupport
import Testing

@testable import ModuleMap
@testable import TCPModel

/// Rules from the file to the owners of connections, on a made-up host.
struct OwnerTests {
    private let host: FakeHost
    private let file: WrittenFile
    private var resolver: OwnerResolver?

    init() throws {
        let host = try FakeHost()
        let file = WrittenFile(nil)
        (self.host, self.file) = (host, file)
        for (pid, jar) in [(Int32(10), "payments"), (11, "mail"), (12, "payments")] {
            try host.add(pid, executable: "/usr/bin/java", sockets: [UInt32(pid) * 10])
            try host.set(
                arguments: ["java", "-jar", "/opt/\(jar).jar"], user: 1000, of: pid)
        }
        try host.add(
            13, executable: "/usr/bin/java", cgroup: "/system.slice/tomcat.service", sockets: [130])
        file.write(Self.rules("$1"))
    }

    private static func rules(_ name: String) -> String {
        #"rules: [{name: \#(name), executable: .*/java, command: '.*/([^/]+)\.jar'}]"#
    }

    /// The modules of four connections.
    private mutating func modules() throws -> [String] {
        if resolver == nil {
            let map = try WatchedModuleMap(path: "m", files: file.files, details: host.procfs)
            resolver = OwnerResolver(
                holders: DescriptorScan(host.procfs), information: host.procfs,
                cgroups: CgroupFS(mount: "/nonexistent"), naming: map)
        }
        let idle = resolver.take()
        var lookup = try #require(idle).beginScrape()
        let refs = [100, 110, 120, 130].map { lookup.lookUp(.row(inode: $0)) }
        var source: any ConnectionSource = ScriptedTable()
        let owners = lookup.resolve(rereading: &source)
        let table = owners.modules
        let names = refs.map { ref in
            switch owners.owner(of: ref) {
            case .module(let index):
                "\(table[index].module.kind.label) \(table[index].module.name)"
            case .unattributed(let reason): "\(reason.label)"
            }
        }
        resolver = owners.finish()
        return names
    }

    @Test mutating func processesAreTheProgramsThatTheirCommandLinesName() throws {
        let expected = [
            "process payments", "process mail", "process payments", "service tomcat.service",
        ]
        #expect(try modules() == expected)
        #expect(try modules() == expected)
    }

    @Test mutating func anotherNameCountsFromTheNextScrapeOnForKnownProcesses() throws {
        _ = try modules()
        file.write(Self.rules("app-$1"))
        #expect(
            try modules() == [
                "process app-payments", "process app-mail", "process app-payments",
                "service tomcat.service",
            ])
        file.write("")
        #expect(try modules().prefix(3).allSatisfy { $0 == "process java" })
        file.write("broken")
        #expect(try modules().prefix(3).allSatisfy { $0 == "process java" })
    }

    /// As SIGHUP asks for: the users that rules name may have changed.
    @Test func aReloadHasTheNextScrapeReadAnUnchangedFile() throws {
        let readCount = Mutex(0)
        let files = ConfigurationFiles(
            identify: { _ in FileIdentity(inode: 1, byteCount: 0, modified: []) },
            read: { _ in
                readCount.withLock { $0 += 1 }
                return []
            })
        let map = try WatchedModuleMap(path: "m", files: files, details: host.procfs)
        #expect(!map.beginScrape())
        map.reload()
        #expect(map.beginScrape())
        #expect(!map.beginScrape())
        #expect(readCount.withLock { $0 } == 2)
    }

    @Test mutating func twoIdentitiesWithOneNameAreToldApartAndCalledAlike() throws {
        file.write(Self.rules("java"))
        try host.add(14, executable: "/usr/bin/ruby", sockets: [])
        #expect(try modules().prefix(3).allSatisfy { $0 == "process java" })
    }

    /// A process whose command line cannot be read yet is asked again by the next scrape.
    @Test mutating func aNameThatWasUnknownComesLater() throws {
        try host.remove("11/cmdline")
        try host.remove("11/status")
        #expect(try modules()[1] == "process java")
        try host.set(arguments: ["java", "/late.jar"], user: 7, of: 11)
        #expect(try modules()[1] == "process late")
    }

    @Test mutating func aHostileCommandLineIsCutAndReplaced() throws {
        try host.set(arguments: ["/\u{0}\n\"} 1.jar"], user: 7, of: 10)
        let long = String(repeating: "é", count: 1000)
        try host.set(arguments: ["/\(long).jar"], user: 7, of: 11)
        let names = try modules()
        #expect(names[0] == "process  \n\"} 1")
        #expect(names[1].utf8.count <= 128 + "process ".utf8.count)
        #expect(names[1].hasPrefix("process ééé") && names[1].contains("~"))
    }

    @Test func theUserIsTheEffectiveOne() throws {
        #expect(try host.procfs.userID(of: ProcessID(rawValue: 10)) == 1000)
        let own = ProcFS()
        let identity = ProcessID(rawValue: getpid())
        #expect(try own.userID(of: identity) == geteuid())
        let line = try own.commandLine(of: identity, byteCountMax: 4096, within: .seconds(60))
        #expect(line.split(separator: 0).count == min(CommandLine.arguments.count, 4096))
        #expect(try own.commandLine(of: identity, byteCountMax: 3, within: .seconds(60)).count == 3)
    }
}
