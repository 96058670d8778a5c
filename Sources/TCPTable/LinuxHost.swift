package import BPFIterators
import ContainerNames
package import Owners
import Procfs
import SockDiag
package import TCPModel

/// The running Linux: the one place where the domain meets its adapters.
package struct LinuxHost: Sendable {
    private let procfs: ProcFS
    private let cgroupfs: CgroupFS
    private let cgroupfsMount: String
    private let containers: ContainerPaths

    /// - Parameters:
    ///   - procfs: Where the proc file system is mounted.
    ///   - cgroupfs: Where cgroups are mounted.
    ///   - docker: Docker's data root.
    ///   - containerd: containerd's state directory.
    ///   - podLogs: Where the kubelet's log directories are.
    package init(
        procfs: String = "/proc", cgroupfs: String = "/sys/fs/cgroup",
        docker: String = "/var/lib/docker", containerd: String = "/run/containerd",
        podLogs: String = "/var/log"
    ) {
        self.procfs = ProcFS(root: procfs)
        containers = ContainerPaths(docker: docker, containerd: containerd, podLogs: podLogs)
        self.cgroupfs = CgroupFS(mount: cgroupfs)
        cgroupfsMount = cgroupfs
    }

    /// Why cgroups cannot be told by their IDs; nil when they can.
    package var cgroupProblem: String? {
        guard cgroupfs.root == nil else { return nil }
        let consequence =
            "; services and containers of closed sockets and of protected processes are unknown"
        return CgroupFS.isOnHost(procfs)
            ? "cgroup v2 is not mounted at \(cgroupfsMount), though this host has it (ip netns exec hides "
                + "it; nsenter --net does not)" + consequence
            : "this host has no cgroup v2" + consequence
    }

    /// What the host tells besides its table and its owners.
    package var information: any HostInformation { procfs }

    /// What the administrator's rules ask about processes.
    package var processDetails: any ProcessDetails { procfs }

    /// Finds the names of containers.
    ///
    /// - Parameter isPatient: Whether to wait for all of them, once: a scrape has a later one.
    package func containerNaming(isPatient: Bool) -> any ContainerNaming {
        LocalContainerNames(
            paths: containers, processes: procfs, details: procfs, isPatient: isPatient)
    }

    /// Reads the TCP table of the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - family: Sockets of the other family are left out; nil reads both.
    ///   - held: Sees kernel TLS where netlink does not have to be asked for it.
    ///   - allowsBlocking: Whether to ask netlink for kernel TLS even where a program can then block every
    ///     dump of the host: before Linux 6.9.
    package func connectionSource(
        _ family: AddressFamily? = nil, held: (any HeldKernelTLSSource)?,
        allowsBlocking: Bool = false
    ) -> any ConnectionSource & ListenerSource {
        SockDiagSource(
            procfs, family: family, held: held, allowsBlocking: allowsBlocking)
    }

    /// Reads the TCP table of the calling thread's network namespace, without kernel TLS.
    package var plainConnectionSource: any ConnectionSource & ListenerSource { TCPSocketDump() }

    /// Tells the modules of single cgroups.
    package func cgroupModuleReader() -> CgroupModuleReader { CgroupModuleReader(cgroupfs) }

    /// Loads the program that finds the holders of sockets, with rights that the caller may drop afterwards.
    package func descriptorIterator() throws(DescriptorIteratorError) -> DescriptorIterator {
        guard procfs.showsOwnFirstNamespace else { throw .otherNamespace }
        return try DescriptorIterator(.holders)
    }

    /// Sees kernel TLS by BPF. The program is loaded once some connection has it, and not at all where a
    /// seccomp filter could end the process for it.
    package var heldKernelTLS: any HeldKernelTLSSource {
        BPFKernelTLS { () throws(DescriptorIteratorError) in
            if procfs.isFiltered { throw .filtered }
            return try DescriptorIterator(.kernelTLS)
        }
    }

    /// The same, with the program loaded now, with rights that the caller may drop afterwards.
    package func loadedKernelTLS() throws(DescriptorIteratorError) -> any HeldKernelTLSSource {
        let iterator = try DescriptorIterator(.kernelTLS)
        return BPFKernelTLS { () throws(DescriptorIteratorError) in iterator }
    }

    /// Finds owners.
    ///
    /// - Parameters:
    ///   - holders: How the holders of sockets are found.
    ///   - isOnly: Whether nearly all owners of one table are asked for, and no others later: then BPF iterates
    ///     while the table is read.
    ///   - naming: The administrator's names of processes.
    ///   - containerNaming: The names of containers; nil calls them by their IDs.
    ///   - searchTimeMax: How long one scrape may search for the holders of sockets; nil is as long as it
    ///     takes.
    package func ownerResolver(
        holders: HolderSource = .automatic, isOnly: Bool = false,
        naming: (any ProcessNaming)? = nil,
        containerNaming: (any ContainerNaming)? = nil, searchTimeMax: Duration? = nil
    ) -> OwnerResolver {
        OwnerResolver(
            holders: socketHolders(holders, isOnly: isOnly, timeMax: searchTimeMax),
            information: procfs, cgroups: cgroupfs, naming: naming,
            containerNaming: containerNaming, searchTimeMax: searchTimeMax)
    }

    private func socketHolders(
        _ source: HolderSource, isOnly: Bool, timeMax: Duration?
    ) -> any SocketHolders {
        switch source {
        case .procfs:
            DescriptorScan(procfs)
        case .iterator(let iterator, let isPreferred):
            BPFHolders(procfs, isPreferred: isPreferred, isOnly: isOnly, timeMax: timeMax) {
                () throws(DescriptorIteratorError) in iterator
            }
        case .automatic:
            BPFHolders(procfs, isOnly: isOnly, timeMax: timeMax) {
                () throws(DescriptorIteratorError) in
                // It would end the process, not only refuse the call.
                if procfs.isFiltered { throw .filtered }
                return try descriptorIterator()
            }
        }
    }
}

/// How the holders of sockets are found.
package enum HolderSource: Sendable {
    /// By BPF where that is cheaper and the kernel and the rights allow it, else in /proc. The program is
    /// loaded once it pays, and not at all where a seccomp filter could end the process for it.
    case automatic
    /// In /proc alone.
    case procfs
    /// By a program that is loaded; in /proc where that is cheaper, unless the program is preferred.
    case iterator(DescriptorIterator, isPreferred: Bool)
}
