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

    /// Whether the mount shows a PID namespace below the host's, as far as we may know: the kernel
    /// gives the first one a fixed inode number (`PROC_PID_INIT_INO`, `linux/proc_fs.h`).
    package var isNamespaceNested: Bool {
        let first = Array("pid:[4026531836]".utf8)
        // Each is read once: a lazy sequence would read it again, and trap if that fails.
        let shown = (try? readLink("\(root)/1/ns/pid")) ?? (try? readLink("\(root)/self/ns/pid"))
        return shown != first
    }
}
