/// What tells whether the kernel has connections with kernel TLS, and shows which.
package protocol KernelTLSInformation: Sendable {
    /// Kernel TLS' counters in the calling thread's network namespace.
    func kernelTLSStatistics() throws(FileError) -> KernelTLSStatistics

    /// The running kernel; nil when it does not say what it is.
    var kernelRelease: KernelRelease? { get }

    /// The inode of the calling thread's network namespace; nil when it cannot be read.
    var networkNamespaceInode: UInt64? { get }
}

/// What the exporter reads of its host besides the table and its owners.
package protocol HostInformation: ProcessInformation, KernelTLSInformation {
    /// Where the proc file system is mounted, for messages.
    var root: String { get }

    /// The ports that the kernel takes ephemeral ports from, in the calling thread's network namespace:
    /// `net.ipv4.ip_local_port_range` without `ip_local_reserved_ports`. They serve IPv6 too.
    func ephemeralPorts() throws(FileError) -> PortSet

    /// How many connection attempts listeners dropped, in the life of the calling thread's network
    /// namespace (`ListenDrops` in `Documentation/networking/snmp_counter.rst`).
    func listenDropCount() throws(FileError) -> UInt64

    /// The name of a network interface of the calling thread's network namespace, as bytes; nil when
    /// there is none with this index.
    func interfaceName(_ index: UInt32) -> [UInt8]?

    /// The calling process' own usage.
    var ownStatistics: ProcessStatistics { get throws(FileError) }

    /// How many descriptors the calling process has open, not counting the one used to count.
    var ownDescriptorCount: Int? { get }

    /// When the host booted, in seconds since 1970; nil when unknown.
    var bootTimeSeconds: UInt64? { get }

    /// The network namespaces of the host.
    func networkNamespaces() throws(FileError) -> NetworkNamespaces

    /// Runs a closure on a thread that is in the namespace, and waits for it.
    ///
    /// - Throws: When the namespace is gone, or may not be entered: that takes `CAP_SYS_ADMIN`.
    func enter(_ namespace: NetworkNamespace, _ body: () -> Void) throws(FileError)
}

/// A network namespace (`man 7 network_namespaces`), and a way into it.
package struct NetworkNamespace: Hashable, Sendable {
    /// The inode number of its file in nsfs, which identifies it while it exists.
    package var inode: UInt64
    /// The name that `ip netns` gives it; nil when it has none.
    package var name: String?
    /// A file that refers to it: `/run/netns/NAME`, or `/proc/PID/ns/net` of a process in it.
    package var path: String
    /// The user who made the user namespace that it belongs to, or one around that; 0 where it belongs to
    /// the host's own, or nothing is known.
    package var userID: UInt32
    /// The visible processes in it by number, if it has no name.
    package var processes: [ProcessID]

    package init(
        inode: UInt64, name: String?, path: String, userID: UInt32 = 0,
        processes: [ProcessID] = []
    ) {
        self.inode = inode
        self.name = name
        self.path = path
        self.userID = userID
        self.processes = processes
    }

    /// Whether both are the same namespace under the same name, whatever file refers to them.
    package func isSame(as other: NetworkNamespace) -> Bool {
        inode == other.inode && name == other.name
    }

    /// What messages call it.
    package var label: String { name ?? String(inode) }
}

/// The network namespaces of the host, except the caller's own.
package struct NetworkNamespaces: Sendable {
    /// Sorted by label.
    package var others: [NetworkNamespace] = []
    /// Processes whose namespace may not be read.
    package var deniedProcessCount = 0
    /// The name of the caller's own; nil when it has none.
    package var ownName: String?

    /// How many others are read at most. Each costs a walk through the sockets of the whole host, because the
    /// kernel has one table for all namespaces.
    package static let othersMax = 256

    /// The others that are read.
    package var chosenOthers: ArraySlice<NetworkNamespace> {
        others.namedThenFair.prefix(Self.othersMax)
    }

    package init(others: [NetworkNamespace], deniedProcessCount: Int) {
        self.others = others
        self.deniedProcessCount = deniedProcessCount
    }
}

extension [NetworkNamespace] {
    /// Those with a name first, which an administrator gave; then one of each user in turn: however many one
    /// of them makes, the others' are not pushed out.
    package var namedThenFair: [NetworkNamespace] {
        var ranks: [UInt32: Int] = [:]
        let unnamed = filter { $0.name == nil }.sorted { $0.inode < $1.inode }
            .map { namespace in
                defer { ranks[namespace.userID, default: 0] += 1 }
                return (rank: ranks[namespace.userID, default: 0], namespace: namespace)
            }
            .sorted {
                ($0.rank, $0.namespace.userID) < ($1.rank, $1.namespace.userID)
            }
        return filter { $0.name != nil } + unnamed.map(\.namespace)
    }
}
