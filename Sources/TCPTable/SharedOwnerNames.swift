import Owners
package import TCPModel

/// The modules of cgroups that this process has asked for.
package final class SharedCgroupModules {
    private var reader: CgroupModuleReader = LinuxHost().cgroupModuleReader()

    /// The service or container of a cgroup, by its inode number; nil when it is neither, or gone.
    package static func module(of cgroup: UInt64) -> OwnerModule? {
        ProcessState.cgroupModules.use(SharedCgroupModules.init) {
            $0.reader.module(of: CgroupID(rawValue: cgroup))
        }
    }
}

/// The names of containers that this process has asked for.
final class SharedContainerNames {
    private var reader = ContainerNameReader(LinuxHost().containerNaming(isPatient: true))

    /// The name of a container; nil when it is not known.
    static func name(of container: ContainerFacts) -> ContainerName? {
        ProcessState.containerNames.use(SharedContainerNames.init) { $0.reader.name(of: container) }
    }
}
