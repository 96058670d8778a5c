import TCPModel
import Testing

@testable import Owners

struct CgroupIdentityTests {
    @Test(arguments: CgroupShape.systemd)
    func aServiceIsNamedAsSystemctlDoes(_ shape: CgroupShape) {
        #expect(name(of: shape.path) == shape.name)
    }

    @Test(arguments: CgroupShape.neither)
    func whatIsNeitherServiceNorContainerHasNoName(_ shape: CgroupShape) {
        #expect(name(of: shape.path) == shape.name)
    }

    @Test(arguments: CgroupShape.dockers + CgroupShape.podmans + CgroupShape.kubernetes)
    func aContainerIsNamedByItsRuntimeAndTwelveDigits(_ shape: CgroupShape) {
        #expect(name(of: shape.path) == shape.name)
    }

    /// Whatever runs in a container is the container's, services included.
    @Test(arguments: CgroupShape.systemContainers)
    func aSystemContainerIsNamedByItsNameAndNotByItsServices(_ shape: CgroupShape) {
        #expect(name(of: shape.path) == shape.name)
    }

    @Test(arguments: CgroupShape.users)
    func nobodyWritesIntoAnothersModule(_ shape: CgroupShape) {
        #expect(name(of: shape.path) == shape.name)
    }

    @Test(arguments: CgroupShape.generated)
    func noNameHoldsWhatWasMadeUpForOneStart(_ shape: CgroupShape) {
        #expect(name(of: shape.path) == shape.name)
    }

    @Test func connectionsToOneTemplateAreOneModule() {
        let modules = (0..<100).map { number in
            ModuleIdentity(
                cgroupPath: Array("/s/x@\(number)-192.0.2.\(number):80-::\(number):9.service".utf8))
        }
        #expect(Set(modules).count == 1)
    }

    @Test func noCgroupSaysNothing() {
        #expect(ModuleIdentity(memberships: []) == nil)
    }

    @Test(arguments: Host.all)
    func theOrderOfTheMembershipsIsOfNoMatter(_ host: Host) throws {
        for _ in 0..<50 {
            let module = ModuleIdentity(memberships: host.memberships.shuffled())
            #expect(module.map { name(OwnerModule($0)) } == host.name)
        }
    }

    @Test func bytesThatAreNoTextAreReplaced() {
        let path =
            Array("/system.slice/a".utf8) + [0xFF, 0xFE, 0x0A, 0x22] + Array("b.service".utf8)
        #expect(
            ModuleIdentity(cgroupPath: path).map(OwnerModule.init)?.name
                == "a\u{FFFD}\u{FFFD}\n\"b.service")
    }

    @Test func escapedBytesThatAreNoTextAreReplacedToo() {
        #expect(
            name(of: "/machine.slice/machine-\\xff\\x0a\\xc3\\xa9.scope")
                == "container machine-\u{FFFD}\né")
    }

    @Test func longNamesAreCut() throws {
        let long = String(repeating: "é", count: 120)
        let service = try #require(name(of: "/\(long).service"))
        #expect(service.hasPrefix("service " + String(repeating: "é", count: 55) + "~"))
        let container = try #require(name(of: "/lxc/\(long)"))
        #expect(container.hasPrefix("container lxc-" + String(repeating: "é", count: 53) + "~"))
        #expect(name(of: "/\(long)a.service") != service)
    }

    @Test func noBytesDoHarm() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("/\\x2d.:@service-scope-libpod-0af".utf8) + [0xFF, 0x00]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...100, using: &generator)
            let path = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let module = ModuleIdentity(cgroupPath: path).map(OwnerModule.init)
            #expect((module?.name.utf8.count ?? 0) <= SanitizedText.nameByteCountMax)
        }
    }
}

/// What `/proc/PID/cgroup` holds on one kind of host.
struct Host: Sendable, CustomStringConvertible {
    let description: String
    let lines: [String]
    let name: String?

    var memberships: [CgroupMembership] {
        lines.compactMap { line in
            let fields = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return CgroupMembership(
                controllers: String(fields[0]), path: Array(fields[1].utf8))
        }
    }

    static let all = [
        Host(
            description: "a service, cgroup v1",
            lines: [
                "cpu,cpuacct:/system.slice/nginx.service", "memory:/system.slice/nginx.service",
                "cpuset:/", "name=systemd:/system.slice/nginx.service",
            ], name: "service nginx.service"),
        Host(
            description: "a service, hybrid",
            lines: [
                "pids:/system.slice", "devices:/system.slice",
                "name=systemd:/system.slice/nginx.service", ":/system.slice/nginx.service",
            ], name: "service nginx.service"),
        Host(
            description: "Docker by cgroupfs, hybrid: cgroup v2 knows the daemon only",
            lines: [
                "memory:/docker/\(containerID)", "name=systemd:/docker/\(containerID)",
                "pids:/docker/\(containerID)", ":/system.slice/containerd.service",
            ], name: "container docker-4f6e2b1c9a7d"),
        Host(
            description: "Kubernetes by cgroupfs, cgroup v1",
            lines: [
                "memory:/kubepods/burstable/pod\(podUUID)/\(containerID)", "cpuset:/",
                "name=systemd:/kubepods/burstable/pod\(podUUID)/\(containerID)",
            ], name: "container kubepods-4f6e2b1c9a7d"),
        Host(
            description: "an application, hybrid: the controllers' hierarchies end at the user",
            lines: [
                "memory:\(userService)", "pids:\(userService)", "devices:/user.slice",
                "name=systemd:\(userService)/app.slice/app-firefox-1.scope",
                ":\(userService)/app.slice/app-firefox-1.scope",
            ], name: nil),
        Host(
            description: "a session, cgroup v1",
            lines: [
                "memory:/user.slice/user-0.slice/session-1.scope", "devices:/user.slice",
                "name=systemd:/user.slice/user-0.slice/session-1.scope",
            ], name: nil),
        Host(
            description: "LXC, cgroup v1 with an empty cgroup v2",
            lines: ["memory:/lxc/web", "name=systemd:/lxc/web/init.scope", ":/"],
            name: "container lxc-web"),
        Host(
            description: "no systemd at all, limits by hand",
            lines: ["memory:/jobs/\(taskID)", "cpu:/", ":/"], name: nil),
    ]
}

private func name(of path: String) -> String? {
    ModuleIdentity(cgroupPath: Array(path.utf8)).map { name(OwnerModule($0)) }
}

private func name(_ module: OwnerModule) -> String {
    "\(module.kind.label) \(module.name)"
}
