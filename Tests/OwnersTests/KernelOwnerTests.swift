import Foundation
import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Real processes, cgroups and sockets, each test in a network namespace of its own.
@Suite(.bothWays, .requires(.networkNamespaces), .requires(.cgroups))
struct KernelOwnerTests {
    private let program = "process tcptable_holder"

    @Test func aListenerOfWorkersIsTheirParents() throws {
        try inNewNetworkNamespace {
            let service = try TestCgroup("system.slice/front\\x2dend.service")
            let container = try TestCgroup("system.slice/docker-\(containerID).scope")
            let running = try Holder(["prefork", container.directory], in: service)
            defer {
                running.end()
                container.remove()
            }
            var scrapes = Scrapes.real()
            for _ in 0..<3 {
                let answers = try scrapes.scrapeKernel()
                #expect(answers["service front\\x2dend.service", .listen] == 1)
                #expect(answers["service front\\x2dend.service", .established] == 3)
                #expect(answers["container docker-4f6e2b1c9a7d", .established] == 3)
                #expect(answers.total == 7)
            }
        }
    }

    @Test func aSocketPassedToAnotherProgramIsNoticedWithinThePeriod() throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let running = try Holder(["pass", try programs.copy(as: "receiver")])
            defer { running.end() }
            var scrapes = Scrapes.real()
            #expect(try scrapes.scrapeKernel().owner == program)
            running.process.send(SIGUSR1)
            try running.process.awaitOutput("passed\n")
            var fresh = Scrapes.real()
            #expect(try fresh.scrapeKernel().owner == "process receiver")
            let owners = try (0..<OwnerResolver.verificationPeriod).map { _ in
                try scrapes.scrapeKernel().owner
            }
            #expect(owners.last == "process receiver")
            #expect(Set(owners).isSubset(of: [program, "process receiver"]))
        }
    }

    @Test func anInheritedSocketIsItsParents() throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let running = try Holder(["inherit", try programs.copy(as: "heir")])
            defer { running.end() }
            var scrapes = Scrapes.real()
            for _ in 0..<3 { #expect(try scrapes.scrapeKernel().owner == program) }
        }
    }

    @Test func aProcessThatRunsAnotherProgramIsNamedByItAtTheNextScrape() throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let running = try Holder(["exec", try programs.copy(as: "successor")])
            defer { running.end() }
            var scrapes = Scrapes.real()
            #expect(try scrapes.scrapeKernel().owner == program)
            running.process.send(SIGUSR1)
            try running.process.awaitOutput("ready\nready\n")
            #expect(try scrapes.scrapeKernel().owner == "process successor")
        }
    }

    @Test(arguments: ["backlog", "dual"])
    func whatIsNotAcceptedIsTheListeners(_ command: String) throws {
        try inNewNetworkNamespace {
            // Not in its cgroup, which accepted sockets have from their listener: by its address.
            let running = try Holder([command])
            defer { running.end() }
            var scrapes = Scrapes.real()
            for _ in 0..<3 {
                let answers = try scrapes.scrapeKernel()
                #expect(answers[program, .listen] == 2)
                #expect(answers[program, .synRecv] == 1)
                #expect(answers[program, .established] == 3)
                #expect(answers.total == 6)
                #expect(answers.listeners.count == 2)
            }
        }
    }

    @Test func anOrphanIsItsServices() throws {
        try inNewNetworkNamespace {
            let service = try TestCgroup("user.slice/user@7.service/app.slice/web@1.service")
            let running = try Holder(["orphan"], in: service)
            defer { running.end() }
            var scrapes = Scrapes.real()
            let answers = try scrapes.scrapeKernel()
            #expect(answers["user_service 7/web@1.service", .finWait1] == 1)
            #expect(answers.owner == "user_service 7/web@1.service")
        }
    }

    @Test func anOrphanOfNoServiceIsNobodys() throws {
        try inNewNetworkNamespace {
            let running = try Holder(["orphan"], in: try TestCgroup("session-1.scope"))
            defer { running.end() }
            var scrapes = Scrapes.real()
            #expect(try scrapes.scrapeKernel()["not_found", .finWait1] == 1)
        }
    }

    @Test func processesAreNamedByTheirCgroupWhateverTheirExecutable() throws {
        try inNewNetworkNamespace {
            let shapes = [
                ("libpod-\(containerID).scope/container", "container podman-4f6e2b1c9a7d"),
                ("lxc.payload.web/system.slice/nginx.service", "container lxc-web"),
                ("ecs/\(taskID)/\(taskID)-123456789", "container ecs-07a3e1b2c4d5-123456789"),
                ("web.service/libpod-payload-\(containerID)", "service web.service"),
                (
                    "user@7.service/docker-\(containerID).scope",
                    "user_container 7/docker-4f6e2b1c9a7d"
                ),
                ("x@3-127.0.0.1:80-127.0.0.2:4242.service", "service x@.service"),
                ("_cpu.a\\x2db.service", "service cpu.a\\x2db.service"),
                ("run-u12.service", program),
                ("session-3.scope", program),
                ("a (deleted).service", "service a (deleted).service"),
                ("ü\"\\.service", "service ü\"\\.service"),
            ]
            for (path, name) in shapes {
                let running = try Holder(["listen"], in: try TestCgroup(path))
                var scrapes = Scrapes.real()
                #expect(try scrapes.scrapeKernel().owner == name)
                running.end()
            }
        }
    }

    @Test func aCgroupThatIsGoneTakesNoNameWithIt() throws {
        try inNewNetworkNamespace {
            let service = try TestCgroup("gone.service")
            let running = try Holder(["orphan"], in: service)
            defer { running.end() }
            let root = try #require(CgroupFS().root)
            try "\(running.process.processID)".write(
                toFile: "\(root)/cgroup.procs", atomically: false, encoding: .utf8)
            service.remove()
            #expect(service.id == 0)
            var scrapes = Scrapes.real()
            for _ in 0..<2 {
                let answers = try scrapes.scrapeKernel()
                #expect(answers["not_found", .finWait1] == 1)
                #expect(answers[program] == 2)
            }
        }
    }
}

// MARK: - Without rights

extension KernelOwnerTests {
    @Test(.requires(.tool("setpriv")))
    func withoutRightsServicesAndContainersAreKnownAndTheRestIsProtected() throws {
        // A BPF program that was loaded before sees what these rights hide.
        guard case .procfs = HolderWay.current else { return }
        try inNewNetworkNamespace {
            let pod = "kubepods.slice/kubepods-\(podSlice)/cri-containerd-\(containerID).scope"
            let uid = "--reuid=65534"
            let own = try ["--bounding-set=-all", testProgram("tcptable_holder"), "listen"]
            let others = try [uid, "--clear-groups", testProgram("tcptable_holder"), "listen"]
            let running = [
                try Holder(["orphan"], in: try TestCgroup("system.slice/web.service")),
                try Holder(["backlog"], in: try TestCgroup(pod)),
                try Holder(["listen"]),
                try Holder(others, as: toolPath("setpriv") ?? ""),
                try Holder(own, as: toolPath("setpriv") ?? ""),
            ]
            defer { for holder in running { holder.end() } }
            var scrapes = Scrapes.real()
            for _ in 0..<3 {
                let answers = try withoutCapabilities { try scrapes.scrapeKernel() }
                #expect(answers["service web.service"] == 3)
                #expect(answers["container containerd-4f6e2b1c9a7d"] == 6)
                #expect(answers["protected", .listen] == 2)
                #expect(answers[program, .listen] == 1)
                #expect(answers["not_found"] == 0)
                #expect(answers.total == 12)
                #expect(scrapes.visibility.isRightMissing)
            }
        }
    }

    @Test func aCgroupThatIsGoneLeavesAProtectedSocketWithoutRights() throws {
        guard case .procfs = HolderWay.current else { return }
        try inNewNetworkNamespace {
            let service = try TestCgroup("gone.service")
            let running = try Holder(["listen"], in: service)
            defer { running.end() }
            let root = try #require(CgroupFS().root)
            try "\(running.process.processID)".write(
                toFile: "\(root)/cgroup.procs", atomically: false, encoding: .utf8)
            var scrapes = Scrapes.real()
            let before = try withoutCapabilities { try scrapes.scrapeKernel().owner }
            #expect(before == "service gone.service")
            service.remove()
            var fresh = Scrapes.real()
            let after = try withoutCapabilities { try fresh.scrapeKernel().owner }
            #expect(after == "protected")
        }
    }

    /// Rows of cgroups that are made between the table and the look at them, of none, and of the root.
    @Test func cgroupsAreLookedUpWhenTheyAreMetAndNotBefore() throws {
        let proc = try FakeHost()
        defer { withExtendedLifetime(proc) {} }
        try proc.end(1)
        var scrapes = Scrapes(proc, cgroups: CgroupFS())
        let first = try TestCgroup("first.service")
        defer { first.remove() }
        #expect(scrapes.owner(of: .row(inode: 5, cgroup: first.id)) == "service first.service")
        let second = try TestCgroup("docker/\(containerID)")
        let rows: [TCPConnection] = [
            .row(inode: 5, cgroup: first.id), .row(inode: 6, cgroup: second.id),
            .row(inode: 7, cgroup: 1), .row(inode: 8, cgroup: 1 << 60), .row(inode: 9),
            .row(.lastAck, cgroup: second.id), .row(.lastAck, cgroup: 1 << 60),
            .row(.lastAck, cgroup: 1), .row(.closeWait, cgroup: first.id),
        ]
        let answers = scrapes.scrape(rows)
        #expect(answers["service first.service"] == 2)
        #expect(answers["container docker-4f6e2b1c9a7d"] == 2)
        #expect(answers["protected"] == 3)
        #expect(answers["not_found", .lastAck] == 2)
        second.remove()
        let later = scrapes.scrape(rows)
        #expect(later.total == 9)
        #expect(later["service first.service"] == 2)
    }
}
