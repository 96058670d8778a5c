import SystemPackage

/// A mounted proc file system (`man 5 proc`): typed reads, no interpretation.
package struct ProcFS: Sendable {
    /// Where it is mounted, without a slash at the end.
    package let root: String

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
    package func processes(_ listing: DirectoryListing) throws(FileError) -> [ProcessID] {
        var processes: [ProcessID] = []
        try listing.forEachEntry(in: FilePath(root)) { _, name in
            guard let number = name.decimal, let pid = Int32(exactly: number) else { return }
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

    /// The inclusive range that the kernel takes ephemeral ports from, of the calling thread's network
    /// namespace (`net.ipv4.ip_local_port_range`, which serves IPv6 too).
    package func ephemeralPortRange() throws(FileError) -> ClosedRange<UInt16> {
        let name = "net/ipv4/ip_local_port_range"
        let words = try setting(name).lines.first?.words ?? []
        let ports = words.compactMap { UInt64(decimal: $0).flatMap(UInt16.init(exactly:)) }
        guard words.count == 2, ports.count == 2, ports[0] <= ports[1] else {
            throw FileError(
                .understand, "\(root)/sys/\(name)", .contents("not a range of two ports"))
        }
        return ports[0]...ports[1]
    }

    /// When the host booted, in seconds since 1970 (`btime` of /proc/stat); nil when not told.
    package var bootTimeSeconds: UInt64? {
        let lines = (try? readFile("\(root)/stat"))?.lines ?? []
        let words = lines.lazy.map(\.words).first { $0.first?.elementsEqual("btime".utf8) == true }
        return words?.dropFirst().first.flatMap { UInt64(decimal: $0) }
    }
}
