import Foundation
import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Sockets that a service manager holds for its services, on made-up hosts.
struct ServiceManagerTests {
    private let proc: FakeHost
    private static let users = ":/user.slice/user-7.slice/user@7.service"

    init() throws { proc = try FakeHost() }

    /// Whether a process is a manager, by its number and cgroup.
    @Test(arguments: [
        (1, "/init.scope", true), (1, "/../../init.scope", true), (2, "/init.scope", false),
        (1, "/", false), (1, "/docker/0123", false), (1, "/system.slice/init.scope", true),
        (50, "/user.slice/user-7.slice/user@7.service/init.scope", true),
        (50, "/user.slice/user-7.slice/user@7.service/app.slice/init.scope", false),
        (50, "/user.slice/user-7.slice/user@7.service/x.service/init.scope", false),
        (50, "/user.slice/user-7.slice/user@7.service/app.slice/web.service", false),
        (50, "/system.slice/evil.service/user@0.service/init.scope", false),
        (50, "/user.slice/user-7.slice/session-3.scope/user@0.service/init.scope", false),
        (50, "/user@.service/init.scope", false),
    ])
    func aManagerIsToldByItsCgroup(_ process: Int32, _ path: String, _ isManager: Bool) {
        let process = ProcessID(rawValue: process)
        for controllers in ["", "name=systemd"] {
            let membership = CgroupMembership(controllers: controllers, path: Array(path.utf8))
            #expect(ProcessDescription.isManager(process, [membership]) == isManager)
        }
        let other = CgroupMembership(controllers: "memory", path: Array(path.utf8))
        #expect(!ProcessDescription.isManager(process, [other]))
    }

    /// The manager is older than its services, and found first: in one scrape, and in later ones.
    @Test(arguments: [1, 50])
    func theServiceOwnsWhatItsManagerHoldsToo(_ pid: Int32) throws {
        let cgroup = pid == 1 ? ":/init.scope" : Self.users + "/init.scope"
        let service = pid == 1 ? ":/system.slice/web.service" : Self.users + "/web.service"
        let name = pid == 1 ? "service web.service" : "user_service 7/web.service"
        try proc.put(
            pid, .init(start: 2, executable: "/systemd", cgroups: [cgroup], sockets: [5: 500]))
        try proc.put(
            60, .init(start: 900, parent: pid, cgroups: [service], sockets: [3: 500, 4: 501]))
        var scrapes = Scrapes(proc)
        for _ in 0...64 {
            let answers = scrapes.scrape([.row(.listen, inode: 500), .row(inode: 501), .row()])
            #expect(answers[name] == 3)
        }
    }

    /// The first process of a container, or a name that anybody may give to a program.
    @Test(arguments: ["/", "/docker/4f6e", "/system.slice/x.scope"])
    func anApplicationThatIsTheFirstProcessKeepsWhatAHelperInherits(_ cgroup: String) throws {
        try proc.put(
            1,
            .init(
                start: 1, executable: "/app/systemd", cgroups: [":\(cgroup)"],
                sockets: [3: 500]))
        try proc.put(
            8, .init(start: 5, parent: 1, executable: "/app/helper", sockets: [3: 500, 7: 501]))
        var scrapes = Scrapes(proc)
        for _ in 0...64 {
            let answers = scrapes.scrape([.row(.listen, inode: 500), .row(inode: 501)])
            #expect(answers["process systemd", .listen] == 1)
            #expect(answers["process helper", .established] == 1)
        }
    }

    /// systemd makes the socket in the unit's cgroup. Before its service runs, while it runs, and after.
    @Test(
        .requires(.cgroups),
        arguments: [
            ("system.slice/lazy.socket", 1, "service lazy.service"),
            ("user.slice/user@7.service/app.slice/lazy.socket", 50, "user_service 7/lazy.service"),
        ])
    func theNameOfASocketUnitsListenerStaysAsItsServiceComesAndGoes(
        _ unit: String, _ pid: Int32, _ name: String
    ) throws {
        let cgroup = try TestCgroup(unit)
        defer { cgroup.remove() }
        let home = pid == 1 ? ":" : ":/user.slice/user@7.service"
        try proc.put(
            pid,
            .init(
                start: 1, executable: "/systemd", cgroups: [home + "/init.scope"],
                sockets: [5: 500]))
        var scrapes = Scrapes(proc, cgroups: CgroupFS())
        let rows: [TCPConnection] = [
            .row(.listen, inode: 500, cgroup: cgroup.id), .row(cgroup: cgroup.id), .row(.synRecv),
        ]
        for round in 0..<200 {
            let service = String(unit.dropLast(7)) + ".service"
            if round == 70 { try proc.put(60, .init(cgroups: [":/" + service], sockets: [3: 500])) }
            if round == 140 { try proc.end(60) }
            #expect(scrapes.scrape(rows)[name] == 3)
            #expect(scrapes.holders.first??.process.id == (round < 127 || round >= 140 ? pid : 60))
        }
        #expect(scrapes.modules.living.count == 1)
    }

    /// A user's manager makes sockets in its own cgroup, which tells nothing. Who gets a connection is
    /// searched for, and then the listener is seen there too.
    @Test func aManagersListenerIsItsServicesOnceThatHasAConnection() throws {
        try proc.put(
            50,
            .init(
                start: 1, executable: "/systemd", cgroups: [Self.users + "/init.scope"],
                sockets: [5: 500, 6: 600]))
        var scrapes = Scrapes(proc)
        var rows: [TCPConnection] = [.row(.listen, inode: 500), .row(.listen, port: 9, inode: 600)]
        for _ in 0..<3 { #expect(scrapes.scrape(rows)["process systemd", .listen] == 2) }
        try proc.put(
            60, .init(cgroups: [Self.users + "/app.slice/web.service"], sockets: [3: 500, 4: 501]))
        rows.append(.row(inode: 501))
        for _ in 0..<3 {
            let answers = scrapes.scrape(rows)
            #expect(answers["user_service 7/web.service", .listen] == 1)
            #expect(answers["user_service 7/web.service", .established] == 1)
            #expect(answers["process systemd", .listen] == 1)
        }
    }

    @Test func whatNothingTellsOfIsTheManagersOwn() throws {
        try proc.put(1, .manager(sockets: [5: 500]))
        var scrapes = Scrapes(proc)
        for _ in 0..<3 { #expect(scrapes.owner(of: .row(inode: 500)) == "process systemd") }
    }
}

extension FakeHost.Process {
    /// systemd, as the first process.
    static func manager(sockets: [UInt32: UInt32] = [:]) -> Self {
        Self(
            start: 1, parent: 0, executable: "/usr/lib/systemd/systemd",
            cgroups: [":/init.scope"], sockets: sockets)
    }
}
