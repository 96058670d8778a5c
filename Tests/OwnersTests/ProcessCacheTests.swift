import Foundation
import HostFakes
import Procfs
import TCPModel
import TableFakes
import Testing

@testable import Owners

struct ProcessCacheTests {
    private let proc: FakeHost

    init() throws { proc = try FakeHost() }

    private func identity(_ pid: Int32, _ start: UInt64 = 1000) -> ProcessIdentity {
        ProcessIdentity(process: ProcessID(rawValue: pid), startTimeTicks: start)
    }

    private func name(
        _ slot: ProcessSlot, _ owners: ProcessCache, _ modules: ModuleTable
    ) -> String? {
        guard case .module(let index)? = owners.owners[slot.index] else { return nil }
        return modules[index].module.name
    }

    @Test func nobodyHasNoAttribution() {
        let owners = ProcessCache()
        #expect(owners.owners[ProcessSlot.nobody.index] == nil)
        #expect(owners[.nobody] == nil)
        #expect(owners.living.isEmpty)
    }

    @Test func aProcessKeepsItsSlotAndTheDeadLoseTheirs() throws {
        var owners = ProcessCache()
        var modules = ModuleTable()
        try proc.put(10, .init(executable: "/bin/a"))
        try proc.put(11, .init(start: 5, executable: "/bin/b"))
        let a = owners.slot(of: identity(10), proc.procfs, &modules)
        let b = owners.slot(of: identity(11, 5), proc.procfs, &modules)
        #expect(owners.slot(of: identity(10), proc.procfs, &modules) == a)
        #expect(owners.living == [b, a])
        try proc.end(10)
        owners.refresh(proc.procfs, &modules, scrape: 2)
        #expect(owners.owners[a.index] == nil)
        #expect(name(b, owners, modules) == "b")
        #expect(owners.living == [b])
    }

    @Test func anotherProcessWithTheNumberOfOneThatEndedIsNotTheSame() throws {
        var owners = ProcessCache()
        var modules = ModuleTable()
        try proc.put(10, .init(start: 5, executable: "/bin/a"))
        let first = owners.slot(of: identity(10, 5), proc.procfs, &modules)
        try proc.put(10, .init(start: 6, executable: "/bin/a"))
        owners.refresh(proc.procfs, &modules, scrape: 2)
        #expect(owners.owners[first.index] == nil)
        #expect(owners.living == [])
    }

    @Test func aSlotIsFreeOnlyWhenTheScrapeIsOver() throws {
        var owners = ProcessCache()
        var modules = ModuleTable()
        try proc.put(10, .init())
        let dead = owners.slot(of: identity(10), proc.procfs, &modules)
        try proc.end(10)
        owners.refresh(proc.procfs, &modules, scrape: 2)
        var later: [ProcessSlot] = []
        for pid in 20...22 as ClosedRange<Int32> {
            try proc.put(pid, .init())
            later.append(owners.slot(of: identity(pid), proc.procfs, &modules))
            owners.endScrape()
        }
        #expect(later.map { $0 == dead } == [false, true, false])
    }

    @Test func aProcessThatCannotBeNamedIsPartialUntilItCan() throws {
        var owners = ProcessCache()
        var modules = ModuleTable()
        let slot = owners.slot(of: identity(10), proc.procfs, &modules)
        #expect(owners.owners[slot.index] == .unattributed(.partial))
        try proc.put(10, .init(executable: "/bin/late"))
        owners.refresh(proc.procfs, &modules, scrape: 2)
        // It is another program, as far as anybody knows: its sockets are looked for first.
        #expect(owners.owners[slot.index] == nil)
        owners.beginSearch(&modules)
        #expect(name(slot, owners, modules) == "late")
    }

    /// What a manager means depends on the socket: it has no owner for all.
    @Test func managersAreKnown() throws {
        try proc.put(1, .manager())
        var owners = ProcessCache()
        var modules = ModuleTable()
        #expect(owners.managers.isEmpty)
        let slot = owners.slot(of: identity(1, 1), proc.procfs, &modules)
        #expect(owners.managers == [.initial])
        #expect(owners.isManager(slot))
        #expect(owners.owners[slot.index] == nil)
        #expect(modules.living.isEmpty)
        try proc.end(1)
        owners.refresh(proc.procfs, &modules, scrape: 2)
        #expect(owners.managers.isEmpty)
    }

    @Test func freedDescriptorsAreBounded() throws {
        var owners = ProcessCache()
        var modules = ModuleTable()
        for pid in 10...14 as ClosedRange<Int32> { try proc.put(pid, .init()) }
        let slots = (10...14).map { owners.slot(of: identity($0), proc.procfs, &modules) }
        let most = ProcessCache.freedDescriptorsMax
        let counts = {
            slots.reduce(0) { $0 + (owners[$1]?.freedDescriptors.count ?? 0) }
        }
        for slot in slots {
            for descriptor in 0..<UInt32(most / 4) { owners.free(descriptor: descriptor, of: slot) }
        }
        #expect(counts() == most)
        // What was used meanwhile makes room.
        owners[slots[0]]?.freedDescriptors = []
        owners.refresh(proc.procfs, &modules, scrape: 2)
        for descriptor in 0..<10 as Range<UInt32> {
            owners.free(descriptor: descriptor, of: slots[4])
        }
        #expect(counts() == most / 4 * 3 + 10)
    }

    @Test(
        arguments: [
            ("/usr/sbin/nginx", "nginx", "nginx"), (nil, "kworker/0:1", "kworker/0:1"),
            ("/", "root", "root"), (nil, "", "unnamed"),
            ("/memfd:evil (deleted)", "x", "memfd:evil"),
            ("/tmp/a (deleted) (deleted)", "x", "a (deleted)"),
            ("/opt/new\nline\"\\", "x", "new\nline\"\\"), (nil, ") S 1 (", ") S 1 ("),
        ] as [(String?, String, String)])
    func aProcessIsNamedByItsExecutableElseByItself(
        _ path: String?, _ command: String, _ name: String
    ) throws {
        try proc.put(10, .init(command: command, executable: path))
        let description = try ProcessDescription(identity(10), proc.procfs)
        #expect(OwnerModule(description.module) == OwnerModule(name: name, kind: .process))
    }

    @Test func longPathsAreCut() throws {
        let name = String(repeating: "é", count: 2000)
        try proc.put(10, .init(executable: "/opt/\(name)"))
        let description = try ProcessDescription(identity(10), proc.procfs)
        let cut = OwnerModule(description.module).name
        #expect(cut.hasPrefix(String(repeating: "é", count: 55) + "~"))
        #expect(cut.utf8.count <= 128)
        #expect(description.path.hasPrefix("/opt/ééé"))
        #expect((1021...1023).contains(description.path.utf8.count))
    }

    /// The cgroups of the process are a pipe, so that what happens meanwhile happens in between.
    @Test(arguments: [
        FakeHost.Process(start: 2000, command: "old", executable: "/bin/new"),
        FakeHost.Process(start: 1000, command: "new", executable: "/bin/new"),
    ])
    func whatBecomesAnotherWhileItIsReadHasNoName(_ other: FakeHost.Process) throws {
        try proc.put(10, .init(command: "old", executable: "/bin/old"))
        try proc.remove("10/cgroup")
        let pipe = proc.path("10/cgroup")
        let isMade = unsafe mkfifo(pipe, 0o600) == 0
        try #require(isMade)
        let proc = proc
        try proc.put(11, other)
        let replacement = try Data(contentsOf: URL(fileURLWithPath: proc.path("11/stat")))
        let path = proc.path("10/stat")
        let thread = Thread {
            guard let writer = FileHandle(forWritingAtPath: pipe) else { return }
            try? replacement.write(to: URL(fileURLWithPath: path))
            try? writer.close()
        }
        thread.start()
        #expect(throws: FileError.self) { try ProcessDescription(identity(10), proc.procfs) }
    }
}
