package import HostFakes
package import Owners
package import Procfs
package import TCPModel

extension FakeHost {
    package var procfs: ProcFS { ProcFS(root: procRoot) }

    package var cgroupfs: CgroupFS { CgroupFS(mount: cgroupRoot) }

    /// Finds owners on this host.
    package func resolver(
        cgroups: (any CgroupDirectories)? = nil, containerNaming: (any ContainerNaming)? = nil
    ) -> sending OwnerResolver {
        OwnerResolver(procfs, cgroups: cgroups ?? cgroupfs, containerNaming: containerNaming)
    }
}

extension OwnerResolver {
    /// Finds owners in a proc file system.
    package init(
        _ procfs: ProcFS, cgroups: any CgroupDirectories = CgroupFS(),
        containerNaming: (any ContainerNaming)? = nil
    ) {
        self.init(
            holders: DescriptorScan(procfs), information: procfs, cgroups: cgroups,
            containerNaming: containerNaming)
    }
}
