import HostFakes
import Owners
import Procfs

/// A made-up host whose processes hold the sockets of a canned dump. Nothing of the real host is in it,
/// so that each run does the same.
final class CannedHost {
    /// As many as the owner modules that a busy host has.
    static let processCount = 20
    static let firstInode: UInt32 = 100_000

    let procfs: ProcFS
    let cgroupfs: CgroupFS
    let socketCount: Int
    private let host: FakeHost

    init(socketCount: Int) throws {
        self.socketCount = socketCount
        host = try FakeHost()
        procfs = ProcFS(root: host.procRoot)
        cgroupfs = CgroupFS(mount: host.cgroupRoot)
        let share = UInt32(socketCount / Self.processCount)
        for index in 0..<Self.processCount {
            let first = Self.firstInode + UInt32(index) * share
            try host.add(
                Int32(100 + index), executable: "/usr/sbin/daemon-\(index)",
                cgroup: "/system.slice/daemon-\(100 + index).service",
                sockets: Array(first..<first + share))
        }
    }

    func resolver() -> OwnerResolver {
        OwnerResolver(
            holders: DescriptorScan(procfs), information: procfs, cgroups: cgroupfs)
    }
}
