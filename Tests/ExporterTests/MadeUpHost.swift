import Foundation
import Procfs

/// A directory that looks like /proc, with the processes that a test puts there.
final class MadeUpHost {
    let procfs: ProcFS
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory
            .appending(path: "tcptable-host-\(UUID().uuidString)")
        procfs = ProcFS(root: root.path)
        try write("stat", "cpu  1 2 3\nbtime 1700000000\n")
        try set(ephemeralPorts: "32768\t60999\n")
        try write("self/stat", stat(4711, "tcptable_expor", startTimeTicks: 500))
        try link("self/fd/0", to: "/dev/null")
        try link("self/fd/1", to: "/dev/null")
        // A PID namespace that is not nested, and a mount that hides nobody.
        try add(1, executable: "/usr/lib/systemd/systemd", cgroup: "/init.scope")
        try link("1/ns/pid", to: "pid:[4026531836]")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// Puts a process there; without an executable its command's name is all that is known of it.
    func add(
        _ process: Int32, executable: String?, command: String = "command", cgroup: String = "/",
        sockets: [UInt32] = []
    ) throws {
        try write(
            "\(process)/stat", stat(process, command, startTimeTicks: 1000 + UInt64(process)))
        try write("\(process)/cgroup", "0::\(cgroup)\n")
        if let executable { try link("\(process)/exe", to: executable) }
        try FileManager.default.createDirectory(
            at: root.appending(path: "\(process)/fd"), withIntermediateDirectories: true)
        for (number, socket) in sockets.enumerated() {
            try link("\(process)/fd/\(number)", to: "socket:[\(socket)]")
        }
    }

    /// Ends a process.
    func remove(_ process: Int32) throws {
        try FileManager.default.removeItem(at: root.appending(path: "\(process)"))
    }

    /// Takes everything away, as if /proc were not mounted.
    func removeAll() throws {
        try FileManager.default.removeItem(at: root)
    }

    /// What the kernel says its range is; nil takes the file away.
    func set(ephemeralPorts contents: String?) throws {
        let name = "sys/net/ipv4/ip_local_port_range"
        if let contents {
            try write(name, contents)
        } else {
            try FileManager.default.removeItem(at: root.appending(path: name))
        }
    }

    /// What the kernel says it counts of kernel TLS.
    func set(tlsStatistics contents: String) throws {
        try write("thread-self/net/tls_stat", contents)
    }

    /// Makes a directory of the file, which can be opened and not read.
    func spoilTLSStatistics() throws {
        try FileManager.default.createDirectory(
            at: root.appending(path: "thread-self/net/tls_stat"),
            withIntermediateDirectories: true)
    }

    /// `man 5 proc_pid_stat`, to the field 24.
    private func stat(_ process: Int32, _ command: String, startTimeTicks: UInt64) -> String {
        "\(process) (\(command)) S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 \(startTimeTicks) "
            + "4096000 250 0 0\n"
    }

    private func write(_ path: String, _ contents: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(contents.utf8).write(to: file)
    }

    private func link(_ path: String, to target: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: file.path, withDestinationPath: target)
    }
}
