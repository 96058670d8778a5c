import Foundation
import Procfs

/// A made-up /proc in a temporary directory, with just what owner modules read of a process.
///
/// It has a PID 1 that holds nothing: without one, the others would count as hidden.
final class FakeProc {
    /// What is asked of one process.
    struct Process {
        var start: UInt64 = 1000
        var parent: Int32 = 1
        var command: String?
        var executable: String? = "/usr/bin/program"
        /// Lines of `/proc/PID/cgroup`, without their first number.
        var cgroups = [":/"]
        /// Inode numbers of sockets by descriptor.
        var sockets: [UInt32: UInt32] = [:]
    }

    let root: String
    private let files = FileManager.default

    init() throws {
        root = NSTemporaryDirectory() + "tcptable-proc-\(UUID().uuidString)"
        try files.createDirectory(atPath: root + "/1/ns", withIntermediateDirectories: true)
        try link("/1/ns/pid", "pid:[4026531836]")
        try put(1, Process(start: 1, parent: 0, command: "systemd", executable: "/sbin/init"))
    }

    deinit { try? files.removeItem(atPath: root) }

    var procfs: ProcFS { ProcFS(root: root) }

    /// Makes the process, or makes another of it.
    func put(_ pid: Int32, _ process: Process) throws {
        let directory = "/\(pid)"
        try files.createDirectory(atPath: root + directory, withIntermediateDirectories: true)
        for name in ["stat", "exe", "cgroup", "fd"] { try? remove("\(directory)/\(name)") }
        let path = process.executable ?? ""
        let command = process.command ?? String((path as NSString).lastPathComponent.prefix(15))
        try write("\(directory)/stat", stat(pid, process, command))
        if let executable = process.executable { try link("\(directory)/exe", executable) }
        let lines = process.cgroups.enumerated().map { "\($0):\($1)\n" }
        try write("\(directory)/cgroup", lines.joined())
        try files.createDirectory(
            atPath: "\(root)\(directory)/fd", withIntermediateDirectories: true)
        try link("\(directory)/fd/0", "/dev/null")
        try link("\(directory)/fd/1", "pipe:[17]")
        for (descriptor, inode) in process.sockets { try open(pid, descriptor, inode) }
    }

    func end(_ pid: Int32) throws {
        try remove("/\(pid)")
    }

    func open(_ pid: Int32, _ descriptor: UInt32, _ inode: UInt32) throws {
        try link("/\(pid)/fd/\(descriptor)", "socket:[\(inode)]")
    }

    func close(_ pid: Int32, _ descriptor: UInt32) throws {
        try remove("/\(pid)/fd/\(descriptor)")
    }

    /// Takes the rights to a file away; who has capabilities may look all the same.
    func forbid(_ path: String) throws {
        try files.setAttributes([.posixPermissions: 0], ofItemAtPath: "\(root)/\(path)")
    }

    func remove(_ path: String) throws {
        try files.removeItem(atPath: root + path)
    }

    func write(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: root + path))
    }

    private func link(_ path: String, _ target: String) throws {
        try files.createSymbolicLink(atPath: root + path, withDestinationPath: target)
    }

    private func stat(_ pid: Int32, _ process: Process, _ command: String) -> String {
        let before = [String(process.parent)] + Array(repeating: "0", count: 17)
        let after = Array(repeating: "0", count: 30)
        let fields = before + [String(process.start)] + after
        return "\(pid) (\(command)) S \(fields.joined(separator: " "))\n"
    }
}
