import ArgumentParser
package import TCPTable

/// Where the kernel's file systems are mounted and container runtimes keep names: options of both
/// commands.
package struct PathOptions: ParsableArguments {
    @Option(
        name: .customLong("path.procfs"),
        help: ArgumentHelp("Mount point of the proc file system.", valueName: "directory"))
    package var procfsMount = "/proc"

    @Option(
        name: .customLong("path.cgroupfs"),
        help: ArgumentHelp("Mount point of the cgroup file system.", valueName: "directory"))
    package var cgroupfsMount = "/sys/fs/cgroup"

    @Option(
        name: .customLong("path.docker"),
        help: ArgumentHelp("Docker's data root, for container names.", valueName: "directory"))
    package var docker = "/var/lib/docker"

    @Option(
        name: .customLong("path.containerd"),
        help: ArgumentHelp(
            "containerd's state directory, for container names. (k3s: /run/k3s/containerd)",
            valueName: "directory"))
    package var containerd = "/run/containerd"

    @Option(
        name: .customLong("path.pod-logs"),
        help: ArgumentHelp(
            "Directory of the kubelet's log directories 'containers' and 'pods', for container names.",
            valueName: "directory"))
    package var podLogs = "/var/log"

    package init() {}

    /// Throws if there is no proc file system at the path.
    package var host: LinuxHost {
        get throws {
            let host = LinuxHost(
                procfs: procfsMount, cgroupfs: cgroupfsMount,
                docker: docker, containerd: containerd, podLogs: podLogs)
            _ = try host.information.ownStatistics
            return host
        }
    }
}
