package import HostFakes
package import Owners
package import Procfs
package import TCPModel

extension FakeHost {
    package var procfs: ProcFS { ProcFS(root: procRoot) }

    package var cgroupfs: CgroupFS { CgroupFS(mount: cgroupRoot) }

    /// Finds owners on this host.
    package func resolver(cgroups: (any CgroupDirectories)? = nil) -> sending OwnerResolver {
        OwnerResolver(procfs, cgroups: cgroups ?? cgroupfs)
    }
}

extension OwnerResolver {
    /// Finds owners in a proc file system.
    package init(_ procfs: ProcFS, cgroups: any CgroupDirectories = CgroupFS()) {
        self.init(holders: DescriptorScan(procfs), information: procfs, cgroups: cgroups)
    }
}
