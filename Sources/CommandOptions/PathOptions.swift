import ArgumentParser
package import Procfs

/// The mount points of the kernel's file systems, as options of both commands.
package struct PathOptions: ParsableArguments {
    @Option(
        name: .customLong("path.procfs"),
        help: ArgumentHelp("Mount point of the proc file system.", valueName: "directory"))
    package var procfsMount = "/proc"

    @Option(
        name: .customLong("path.cgroupfs"),
        help: ArgumentHelp("Mount point of the cgroup file system.", valueName: "directory"))
    package var cgroupfsMount = "/sys/fs/cgroup"

    package init() {}

    /// Throws if there is no proc file system at the path.
    package var procfs: ProcFS {
        get throws {
            let procfs = ProcFS(root: procfsMount)
            _ = try procfs.ownStatistics
            return procfs
        }
    }

    package var cgroupfs: CgroupFS { CgroupFS(mount: cgroupfsMount) }
}
