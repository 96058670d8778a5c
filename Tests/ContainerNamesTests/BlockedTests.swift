import Glibc
import HostFakes
import Procfs
import Synchronization
import TableFakes
import TestSupport
import Testing

@testable import ContainerNames
@testable import TCPModel

/// What does not respond costs a container its name, and nobody else anything.
@Suite(.mustEnd)
struct BlockedTests {
    private let containers: MadeUpContainers
    private let processes: BlockedProcesses
    private let names: LocalContainerNames

    init() throws {
        containers = try MadeUpContainers()
        processes = BlockedProcesses(procfs: containers.host.procfs)
        names = LocalContainerNames(
            paths: ContainerPaths(
                docker: containers.tree.path("docker"),
                containerd: containers.tree.path("containerd"),
                podLogs: containers.tree.path("log")),
            processes: processes, details: containers.host.procfs)
    }

    /// Docker's, by its file.
    private func docker(_ number: Int) throws -> ContainerFacts {
        try containers.putDocker(#"{"Name": "/c\#(number)"}"#, number)
        return try #require(MadeUpContainers.facts(.docker, number))
    }

    /// Podman's, by a process that nothing can be read about.
    private func podman(_ number: Int) throws -> ContainerFacts {
        let pid = Int32(1000 + number)
        try containers.host.put(
            pid, FakeHost.Process(command: "conmon", executable: "/usr/bin/conmon"))
        try containers.host.set(
            arguments: ["conmon", "-c", MadeUpContainers.id(number), "-n", "p\(number)"], user: 0,
            of: pid)
        try containers.host.put(pid + 100, FakeHost.Process(parent: pid, executable: "/app"))
        return try #require(MadeUpContainers.facts(.podman, number, process: pid + 100))
    }

    /// Calls until so many have names. A busy machine needs several calls.
    private func awaitNames(_ facts: [ContainerFacts], _ expected: [String]) {
        while names.names(of: facts).values.map(\.text).sorted() != expected { usleep(1000) }
    }

    @Test func othersAreNamedAllTheSame() throws {
        let facts = [try docker(0), try podman(1), try docker(2)]
        awaitNames(facts, ["docker-c0", "docker-c2"])
        #expect(names.results[.limited] == 1)
        processes.open()
        awaitNames(facts, ["docker-c0", "docker-c2", "podman-p1"])
    }

    @Test func afterFourThreadsThatWaitNoNewOneIsStarted() throws {
        var facts: [ContainerFacts] = []
        for number in 0..<LocalContainerNames.threadsMax {
            facts.append(try podman(number))
            #expect(names.names(of: facts).isEmpty)
        }
        let problem = "a file system with their names does not respond"
        #expect(names.problems.contains { $0.hasSuffix(problem) })
        facts.append(try docker(9))
        for _ in 0..<3 { #expect(names.names(of: facts).isEmpty) }
        processes.open()
        awaitNames(facts, ["docker-c9", "podman-p0", "podman-p1", "podman-p2", "podman-p3"])
        #expect(names.problems.isEmpty)
    }

    @Test(.requires(.root)) func aMissingRightIsNamedWithWhatItHelps() throws {
        let container = try docker(0)
        try containers.tree.forbid("docker/containers/\(MadeUpContainers.id(0))")
        try withoutCapabilities {
            while names.names(of: [container]).isEmpty, names.results[.denied] == 0 {
                usleep(1000)
            }
        }
        #expect(names.results[.denied] == 1)
        #expect(names.problems.count == 1)
        #expect(names.problems.first?.contains("CAP_DAC_READ_SEARCH") == true)
    }
}

/// Processes about which nothing can be read until the gate is opened.
private final class BlockedProcesses: ProcessInformation {
    private let procfs: ProcFS
    private let isOpen = Atomic(false)

    init(procfs: ProcFS) { self.procfs = procfs }

    func open() { isOpen.store(true, ordering: .releasing) }

    private func wait() {
        while !isOpen.load(ordering: .acquiring) { usleep(1000) }
    }

    func statistics(of process: ProcessID) throws(FileError) -> ProcessStatistics {
        wait()
        return try procfs.statistics(of: process)
    }

    func cgroups(of process: ProcessID) throws(FileError) -> [CgroupMembership] {
        wait()
        return try procfs.cgroups(of: process)
    }

    func executablePath(of process: ProcessID) throws(FileError) -> [UInt8] {
        wait()
        return try procfs.executablePath(of: process)
    }
}
