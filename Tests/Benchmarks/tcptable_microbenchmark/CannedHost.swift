import Foundation
import OwnerModules
import Procfs

/// A made-up /proc in a temporary directory: processes that hold the sockets of a canned dump, and
/// what a scrape reads besides. Nothing of the real host is in it, so that each run does the same.
final class CannedHost {
    /// As many as the owner modules that a busy host has.
    static let processCount = 20
    static let firstInode: UInt32 = 100_000

    let procfs: ProcFS
    let cgroupfs: CgroupFS
    let socketCount: Int
    private let root: URL

    init(socketCount: Int) throws {
        self.socketCount = socketCount
        root = FileManager.default.temporaryDirectory
            .appending(path: "tcptable-benchmark-\(UUID().uuidString)")
        procfs = ProcFS(root: root.path)
        cgroupfs = CgroupFS(mount: root.path + "/none")
        try write("stat", "cpu  1 2 3\nbtime 1700000000\n")
        try write("sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
        try addProcess(1, executable: "/usr/lib/systemd/systemd", sockets: 0..<0)
        try link("1/ns/pid", to: "pid:[4026531836]")
        try link("self", to: "/proc/self")
        let share = socketCount / Self.processCount
        for index in 0..<Self.processCount {
            try addProcess(
                100 + index, executable: "/usr/sbin/daemon-\(index)",
                sockets: index * share..<(index + 1) * share)
        }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    private func addProcess(_ process: Int, executable: String, sockets: Range<Int>) throws {
        let before = String(repeating: " 0", count: 17)
        let after = String(repeating: " 0", count: 30)
        try write("\(process)/stat", "\(process) (daemon) S 1\(before) \(1000 + process)\(after)\n")
        try write("\(process)/cgroup", "0::/system.slice/daemon-\(process).service\n")
        try link("\(process)/exe", to: executable)
        try FileManager.default.createDirectory(
            at: root.appending(path: "\(process)/fd"), withIntermediateDirectories: true)
        for socket in sockets {
            try link(
                "\(process)/fd/\(3 + socket - sockets.lowerBound)",
                to: "socket:[\(Int(Self.firstInode) + socket)]")
        }
    }

    private func write(_ path: String, _ text: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func link(_ path: String, to target: String) throws {
        let link = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: link.path, withDestinationPath: target)
    }
}
