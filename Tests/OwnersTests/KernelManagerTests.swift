import Foundation
import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Real sockets in the hands of a user's service manager, as far as its cgroup tells, and of a first
/// process that is none.
@Suite(.thread(.commands), .bothWays, .requires(.networkNamespaces), .requires(.cgroups))
struct KernelManagerTests {
    private static let users = "user.slice/user-7.slice/user@7.service"

    /// A listener that three workers of a service have from its manager.
    @Test func aListenerFromAManagerIsItsServices() throws {
        try inNewNetworkNamespace {
            let manager = try TestCgroup("\(Self.users)/init.scope")
            let home = (manager.directory as NSString).deletingLastPathComponent
            let service = home + "/web.service"
            try FileManager.default.createDirectory(
                atPath: service, withIntermediateDirectories: true)
            let running = try Holder(["prefork", service], in: manager)
            defer {
                running.end()
                for _ in 0..<200 where unsafe rmdir(service) != 0 { usleep(5_000) }
                manager.remove()
            }
            var scrapes = Scrapes.real()
            for _ in 0..<3 {
                let answers = try scrapes.scrapeKernel()
                #expect(answers["user_service 7/web.service", .listen] == 1)
                #expect(answers["user_service 7/web.service", .established] == 3)
                // The clients are the manager's own.
                #expect(answers["process tcptable_holder", .established] == 3)
                #expect(answers.total == 7)
            }
        }
    }

    /// A listener and what waits at it, made in the unit's cgroup, and held by the manager alone.
    @Test(arguments: ["listen", "backlog"])
    func whatAManagerHoldsAloneIsItsSocketUnitsService(_ command: String) throws {
        try inNewNetworkNamespace {
            let unit = try TestCgroup("\(Self.users)/app.slice/lazy.socket")
            let running = try Holder([command], in: unit)
            let home = unit.directory.replacing("/app.slice/lazy.socket", with: "")
            try FileManager.default.createDirectory(
                atPath: home + "/init.scope", withIntermediateDirectories: true)
            defer {
                running.end()
                for _ in 0..<200 where unsafe rmdir(home + "/init.scope") != 0 { usleep(5_000) }
                unit.remove()
            }
            try "\(running.process.processID)".write(
                toFile: home + "/init.scope/cgroup.procs", atomically: false, encoding: .utf8)
            var scrapes = Scrapes.real()
            for _ in 0..<3 {
                let answers = try scrapes.scrapeKernel()
                #expect(answers.owner == "user_service 7/lazy.service")
                #expect(answers.total == (command == "listen" ? 1 : 6))
                #expect(scrapes.holders.first??.process.id == running.process.processID)
            }
        }
    }

    /// The first process of a PID namespace, as in a container; its child has the listener, too.
    @Test(.requires(.tool("unshare")), arguments: [[], ["--cgroup"]])
    func anApplicationThatIsTheFirstProcessKeepsItsListener(_ options: [String]) throws {
        try inNewNetworkNamespace {
            let programs = try ProgramDirectory()
            defer { programs.remove() }
            let inside = ["--pid", "--fork", "--kill-child", "--mount-proc"] + options
            let command = try [
                testProgram("tcptable_holder"), "inherit", programs.copy(as: "heir"),
            ]
            let running = try ChildProcess(toolPath("unshare") ?? "", inside + ["--"] + command)
            defer {
                running.send(SIGKILL)
                _ = try? running.wait()
            }
            try running.awaitOutput("ready\n")
            let pid = running.processID
            let children = try String(
                contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
            let first = try #require(children.split(separator: " ").first)
            var scrapes = Scrapes.real(ProcFS(root: "/proc/\(first)/root/proc"))
            for _ in 0..<3 {
                #expect(try scrapes.scrapeKernel().owner == "process tcptable_holder")
                #expect(scrapes.holders.first??.process.id == 1)
            }
        }
    }
}
