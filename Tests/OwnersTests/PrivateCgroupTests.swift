import HostFakes
import Procfs
import TCPModel
import TableFakes
import TestSupport
import Testing

@testable import Owners

/// Another container's.
private let otherID = String(repeating: "5e", count: 32)

/// Containers seen from a cgroup namespace of one's own, where paths begin with `/..`.
@Suite(.requires(.cgroups))
struct PrivateCgroupTests {
    /// The process' path tells the ID alone; the cgroup of its socket tells the runtime, too. From the
    /// first scrape on, and for what the container has closed as well.
    @Test(arguments: [
        ("docker/\(containerID)", "container docker-4f6e2b1c9a7d"),
        ("default/\(containerID)", "container containerd-4f6e2b1c9a7d"),
        ("docker/\(otherID)", "container container-4f6e2b1c9a7d"),
    ])
    func aContainerHasOneNameIfItsSocketsCgroupHasItsID(_ path: String, _ name: String) throws {
        let cgroup = try TestCgroup(path)
        defer { cgroup.remove() }
        let proc = try FakeHost()
        try proc.put(10, .init(cgroups: [":/../\(containerID)"], sockets: [3: 500, 4: 501]))
        var scrapes = Scrapes(proc, cgroups: CgroupFS())
        let rows: [TCPConnection] = [
            .row(.listen, inode: 500, cgroup: cgroup.id), .row(inode: 501, cgroup: cgroup.id),
            .row(.lastAck, cgroup: cgroup.id),
        ]
        for _ in 0..<70 {
            let answers = scrapes.scrape(rows)
            #expect(answers[name, .listen] == 1)
            #expect(answers[name, .established] == 1)
            if !path.contains(otherID) { #expect(answers[name, .lastAck] == 1) }
        }
    }
}
