import SystemPackage
package import TCPModel

/// A mounted proc file system (`man 5 proc`): typed reads, no interpretation.
package struct ProcFS: Sendable {
    /// Where it is mounted, without a slash at the end.
    package let root: String
    /// Of command lines.
    let boundedReads = BoundedReads()

    /// - Parameter root: `/proc`, or where a container sees its host's.
    package init(root: String = "/proc") {
        var root = root
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        self.root = root
    }

    /// A file of the calling thread's network namespace.
    package func networkFile(_ name: String) throws(FileError) -> [UInt8] {
        try readFile("\(root)/thread-self/net/\(name)")
    }

    /// A kernel setting; one of the network is the calling thread's namespace's.
    package func setting(_ name: String) throws(FileError) -> [UInt8] {
        try readFile("\(root)/sys/\(name)")
    }

    /// The processes that this mount shows: those of its PID namespace, and with `hidepid` only some.
    package func processes() throws(FileError) -> [ProcessID] {
        var processes: [ProcessID] = []
        let entries = try DirectoryStream(root)
        while let entry = try entries.next() {
            guard let number = entries.number(of: entry), let pid = Int32(exactly: number)
            else { continue }
            processes.append(ProcessID(rawValue: pid))
        }
        return processes
    }

    /// Whether the capabilities to look into others' processes would help this process: it lacks one, and
    /// is in the first user namespace, which has a fixed inode number (`PROC_USER_INIT_INO`,
    /// `linux/proc_ns.h`).
    var wouldCapabilitiesHelp: Bool {
        let needed: UInt64 = 1 << 19 | 1 << 2  // CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH
        guard (try? readLink("\(root)/self/ns/user")) == Array("user:[4026531837]".utf8),
            let status = try? readFile("\(root)/self/status"),
            let line = status.lines.first(where: { $0.starts(with: "CapEff:".utf8) }),
            let digits = line.words.last,
            let effective = UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return false }
        return effective & needed != needed
    }

    /// Whether the mount shows a PID namespace below the host's, as far as we may know.
    package var isNamespaceNested: Bool {
        // Each is read once: a lazy sequence would read it again, and trap if that fails.
        let shown = (try? readLink("\(root)/1/ns/pid")) ?? (try? readLink("\(root)/self/ns/pid"))
        return shown != Self.firstNamespace
    }

    /// Whether this process is in the host's first PID namespace, and that is what the mount shows.
    package var showsOwnFirstNamespace: Bool {
        (try? readLink("\(root)/self/ns/pid")) == Self.firstNamespace
    }

    /// The kernel gives the first PID namespace a fixed inode number (`PROC_PID_INIT_INO`,
    /// `linux/proc_ns.h`).
    private static let firstNamespace = Array("pid:[4026531836]".utf8)

    /// Whether a seccomp filter decides about the calling thread's system calls, as far as we may know
    /// (`man 5 proc_pid_status`, `Seccomp`).
    package var isFiltered: Bool {
        guard let status = try? readFile("\(root)/thread-self/status"),
            let line = status.lines.first(where: { $0.starts(with: "Seccomp:".utf8) }),
            let mode = line.words.last
        else { return true }
        return !mode.elementsEqual("0".utf8)
    }
}
