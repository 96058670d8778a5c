package import TCPModel

/// Tells the services and containers of single cgroups, and caches them.
package struct CgroupModuleReader {
    /// Beyond so many, all are forgotten.
    private static let cgroupsMax = 4096

    private var cgroups: CgroupModules
    private var cached: Set<CgroupID> = []

    package init(_ directories: any CgroupDirectories) {
        cgroups = CgroupModules(directories)
    }

    /// The service or container of a cgroup; nil when it is neither, or gone.
    package mutating func module(of cgroup: CgroupID) -> OwnerModule? {
        if cached.count == Self.cgroupsMax { cached = [] }
        cached.insert(cgroup)
        cgroups.resolve(cached, ModuleTable())
        return cgroups.module(of: cgroup).map { OwnerModule($0) }
    }
}
