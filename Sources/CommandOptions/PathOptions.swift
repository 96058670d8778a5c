import ArgumentParser
package import TCPTable

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
    package var host: LinuxHost {
        get throws {
            let host = LinuxHost(procfs: procfsMount, cgroupfs: cgroupfsMount)
            _ = try host.information.ownStatistics
            return host
        }
    }
}
