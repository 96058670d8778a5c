import Foundation

/// A made-up host: a directory that looks like /proc, with the processes that a test puts there.
///
/// From the beginning it has a PID 1 that holds no socket, and what a scrape reads besides processes.
/// Its file names are relative to /proc.
package final class FakeHost {
    /// What is asked of one process.
    package struct Process: Sendable {
        package var start: UInt64
        package var parent: Int32
        /// Nil: the first 15 characters of the executable's name.
        package var command: String?
        package var executable: String?
        /// Lines of `/proc/PID/cgroup`, without their first number.
        package var cgroups: [String]
        /// Inode numbers of sockets by descriptor.
        package var sockets: [UInt32: UInt32]

        package init(
            start: UInt64 = 1000, parent: Int32 = 1, command: String? = nil,
            executable: String? = "/usr/bin/program", cgroups: [String] = [":/"],
            sockets: [UInt32: UInt32] = [:]
        ) {
            self.start = start
            self.parent = parent
            self.command = command
            self.executable = executable
            self.cgroups = cgroups
            self.sockets = sockets
        }
    }

    private let tree: FileTree

    package init() throws {
        tree = try FileTree(inMemory: true)
        // A PID namespace that is not nested, and a mount that hides no process.
        let executable = "/usr/lib/systemd/systemd"
        try put(1, Process(start: 1, parent: 0, executable: executable, cgroups: [":/init.scope"]))
        try tree.link("1/ns/pid", to: "pid:[4026531836]")
        try set(ephemeralPorts: "32768\t60999\n")
        try set(listenDropCount: 0)
        try tree.write("stat", "cpu  1 2 3\nbtime 1700000000\n")
        try writeOwnProcess()
    }

    /// The directory that looks like /proc.
    package var procRoot: String { tree.root }

    /// A directory that does not exist: the host has no cgroup file system.
    package var cgroupRoot: String { tree.path("none") }
}

// MARK: - Processes

extension FakeHost {
    /// Makes the process, or makes another of it.
    package func put(_ pid: Int32, _ process: Process) throws {
        for name in ["stat", "exe", "cgroup", "fd"] { try? tree.remove("\(pid)/\(name)") }
        let name = ((process.executable ?? "") as NSString).lastPathComponent
        let command = process.command ?? String(name.prefix(15))
        let before = "S \(process.parent)" + String(repeating: " 0", count: 17)
        let after = String(repeating: " 0", count: 30)
        try tree.write("\(pid)/stat", "\(pid) (\(command)) \(before) \(process.start)\(after)\n")
        if let executable = process.executable { try tree.link("\(pid)/exe", to: executable) }
        let lines = process.cgroups.enumerated().map { "\($0):\($1)\n" }
        try tree.write("\(pid)/cgroup", lines.joined())
        try tree.link("\(pid)/fd/0", to: "/dev/null")
        try tree.link("\(pid)/fd/1", to: "pipe:[17]")
        for (descriptor, inode) in process.sockets { try open(pid, descriptor, inode) }
    }

    /// Puts a process there that holds the sockets as its descriptors 3 and up. The higher its PID, the
    /// later it was started.
    package func add(
        _ pid: Int32, executable: String?, command: String = "command", cgroup: String = "/",
        sockets: [UInt32] = []
    ) throws {
        let start = 1000 + UInt64(pid)
        let held = Dictionary(uniqueKeysWithValues: zip(UInt32(3)..., sockets))
        try put(
            pid,
            Process(
                start: start, command: command, executable: executable, cgroups: [":\(cgroup)"],
                sockets: held))
    }

    /// What a process was started with, and whose it is.
    package func set(arguments: [String], user: UInt32, of pid: Int32) throws {
        try tree.write("\(pid)/cmdline", arguments.map { $0 + "\0" }.joined())
        let ids = "\(user)\t\(user)\t\(user)\t\(user)"
        try tree.write("\(pid)/status", "Name:\tany\nUid:\t\(ids)\nGid:\t0\t0\t0\t0\n")
    }

    package func end(_ pid: Int32) throws {
        try tree.remove("\(pid)")
    }

    package func open(_ pid: Int32, _ descriptor: UInt32, _ inode: UInt32) throws {
        try tree.link("\(pid)/fd/\(descriptor)", to: "socket:[\(inode)]")
    }

    /// An io_uring instance, and what the kernel tells about it.
    package func put(_ pid: Int32, ring descriptor: UInt32, fdinfo: String) throws {
        try tree.link("\(pid)/fd/\(descriptor)", to: "anon_inode:[io_uring]")
        try tree.write("\(pid)/fdinfo/\(descriptor)", fdinfo)
    }

    package func close(_ pid: Int32, _ descriptor: UInt32) throws {
        try tree.remove("\(pid)/fd/\(descriptor)")
    }
}

// MARK: - Files

extension FakeHost {
    package func path(_ name: String) -> String { tree.path(name) }

    package func remove(_ name: String) throws { try tree.remove(name) }

    /// Takes everything away, as if /proc were not mounted.
    package func removeAll() { tree.removeAll() }

    /// Takes away everybody's right to open a file. A process with capabilities can still open it.
    package func forbid(_ name: String) throws { try tree.forbid(name) }

    /// The range of ephemeral ports, as the kernel writes it; nil takes the file away.
    package func set(ephemeralPorts contents: String?) throws {
        let name = "sys/net/ipv4/ip_local_port_range"
        if let contents { try tree.write(name, contents) } else { try tree.remove(name) }
    }

    /// The ports that are reserved, as the kernel writes them.
    package func set(reservedPorts contents: String) throws {
        try tree.write("sys/net/ipv4/ip_local_reserved_ports", contents)
    }

    /// How many connection attempts listeners dropped.
    package func set(listenDropCount: UInt64) throws {
        try tree.write(
            "thread-self/net/netstat",
            "TcpExt: SyncookiesSent ListenDrops\nTcpExt: 0 \(listenDropCount)\n")
    }

    /// What the kernel counts of kernel TLS.
    package func set(tlsStatistics contents: String) throws {
        try tree.write("thread-self/net/tls_stat", contents)
    }

    /// The capabilities of the exporter's own process, as sixteen digits, in the first user namespace.
    package func set(ownCapabilities digits: String) throws {
        try tree.link("self/ns/user", to: "user:[4026531837]")
        try tree.write("self/status", "Name:\tany\nCapEff:\t\(digits)\n")
    }

    /// A file that stands for the calling thread's network namespace; without it the host has none.
    package func putOwnNetworkNamespace() throws { try tree.write("thread-self/ns/net", "") }

    /// The kernel's release; without it the host has none.
    package func set(kernelRelease contents: String) throws {
        try tree.write("sys/kernel/osrelease", contents)
    }

    /// Makes a directory of the file, which can be opened and not read.
    package func spoilTLSStatistics() throws {
        try tree.makeDirectory("thread-self/net/tls_stat")
    }

    /// The exporter's own process (`man 5 proc_pid_stat`, to the field 24).
    private func writeOwnProcess() throws {
        let fields = "S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 500 4096000 250 0 0"
        try tree.write("self/stat", "4711 (tcptable_expor) \(fields)\n")
        for descriptor in 0...1 { try tree.link("self/fd/\(descriptor)", to: "/dev/null") }
    }
}
