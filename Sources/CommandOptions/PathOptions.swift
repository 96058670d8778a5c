import ArgumentParser
package import TCPTable

/// Where the kernel's file systems are mounted and container runtimes keep names: options of both
/// commands.
package struct PathOptions: ParsableArguments {
    @Option(
        name: .customLong("path.procfs"),
        help: ArgumentHelp("Mount point of the proc file system.", valueName: "directory"),
        completion: .directory)
    package var procfsMount = "/proc"

    @Option(
        name: .customLong("path.cgroupfs"),
        help: ArgumentHelp(
            "Mount point of the cgroup file system. (default: /sys/fs/cgroup)",
            valueName: "directory"),
        completion: .directory)
    var cgroupfsMount: String?

    @Option(
        name: .customLong("path.docker"),
        help: ArgumentHelp("Docker's data root, for container names.", valueName: "directory"),
        completion: .directory)
    package var docker = "/var/lib/docker"

    @Option(
        name: .customLong("path.containerd"),
        help: ArgumentHelp(
            "containerd's state directory, for container names. (k3s: /run/k3s/containerd)",
            valueName: "directory"),
        completion: .directory)
    package var containerd = "/run/containerd"

    @Option(
        name: .customLong("path.pod-logs"),
        help: ArgumentHelp(
            "Directory of the kubelet's log directories 'containers' and 'pods', for container names.",
            valueName: "directory"),
        completion: .directory)
    package var podLogs = "/var/log"

    package init() {}

    /// Throws if there is no proc file system at the path, or no cgroup v2 at one that was given.
    package var host: LinuxHost {
        get throws {
            let host = LinuxHost(
                procfs: procfsMount, cgroupfs: cgroupfsMount ?? "/sys/fs/cgroup",
                docker: docker, containerd: containerd, podLogs: podLogs)
            _ = try host.information.ownStatistics
            if let cgroupfsMount, host.cgroupProblem != nil {
                throw MissingCgroups(mount: cgroupfsMount)
            }
            return host
        }
    }
}

/// The given mount point of cgroups has no cgroup v2.
private struct MissingCgroups: Error, CustomStringConvertible {
    let mount: String
    var description: String {
        "--path.cgroupfs: cgroup v2 is mounted neither at \(mount) nor at \(mount)/unified"
    }
}
