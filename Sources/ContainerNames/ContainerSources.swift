import TCPModel

/// Where containers' names are: local files, and no runtime's socket.
struct ContainerSources: Sendable {
    let paths: ContainerPaths
    let processes: any ProcessInformation
    let details: any ProcessDetails

    /// What one batch of look-ups sees.
    func snapshot() -> Snapshot { Snapshot(self) }

    struct Snapshot {
        private let docker: DockerContainers
        private let containerd: ContainerdBundles
        private let conmon: ConmonContainers
        private let logs: PodLogs
        private let processes: any ProcessInformation

        init(_ sources: ContainerSources) {
            docker = DockerContainers(root: sources.paths.docker)
            containerd = ContainerdBundles(root: sources.paths.containerd)
            conmon = ConmonContainers(processes: sources.processes, details: sources.details)
            logs = PodLogs(root: sources.paths.podLogs)
            processes = sources.processes
        }

        /// The name of a container. Where its cgroup does not tell which runtime it is of, all are asked.
        ///
        /// Of what users run, only conmon's names count: it is an ancestor, which no cgroup's name can
        /// forge.
        func name(of container: ContainerFacts) throws(LookupFailure) -> ContainerName {
            if container.isUsers { return try podmanName(of: container) }
            if let name = logs.name(of: container.container.id) { return .kubernetes(name) }
            switch container.container.runtime {
            case .docker: return try first(container, [dockerName(of:)])
            case .podman: return try podmanName(of: container)
            case .crio: return try first(container, [crioName(of:), podName(of:)])
            case .containerd: return try first(container, [containerdName(of:), podName(of:)])
            default:
                return try first(
                    container,
                    [dockerName(of:), containerdName(of:), podmanName(of:), podName(of:)])
            }
        }

        /// The first name that is found; else the failure that tells most.
        private func first(
            _ container: ContainerFacts,
            _ sources: [(ContainerFacts) throws(LookupFailure) -> ContainerName]
        ) throws(LookupFailure) -> ContainerName {
            var failure = LookupFailure.notFound
            for source in sources {
                do throws(LookupFailure) { return try source(container) } catch {
                    if failure == .notFound { failure = error }
                }
            }
            throw failure
        }

        private func dockerName(of container: ContainerFacts) throws(LookupFailure) -> ContainerName
        {
            try docker.name(of: container.container.id)
        }

        private func containerdName(
            of container: ContainerFacts
        ) throws(LookupFailure) -> ContainerName {
            try containerd.name(of: container.container.id)
        }

        private func podmanName(of container: ContainerFacts) throws(LookupFailure) -> ContainerName
        {
            .runtime(.podman, try conmon.name(of: container))
        }

        private func crioName(of container: ContainerFacts) throws(LookupFailure) -> ContainerName {
            let name = try conmon.name(of: container)
            return KubernetesName(runtimeName: name).map(ContainerName.kubernetes)
                ?? .runtime(.crio, name)
        }

        /// The pod of a container that has no log: the one that holds the pod's network.
        private func podName(of container: ContainerFacts) throws(LookupFailure) -> ContainerName {
            guard let process = container.process,
                let cgroups = try? processes.cgroups(of: process)
            else { throw .notFound }
            for cgroup in cgroups {
                for component in cgroup.path.split(separator: UInt8(ascii: "/")) {
                    guard let uid = Self.podUID(Array(component)) else { continue }
                    if let name = logs.pod(uid) { return .kubernetes(name) }
                }
            }
            throw .notFound
        }

        /// The UID in a pod's cgroup: `podUID`, or `kubepods-burstable-podUID.slice`.
        private static func podUID(_ component: [UInt8]) -> [UInt8]? {
            let slice = ".slice".utf8
            guard component.suffix(slice.count).elementsEqual(slice) else {
                return component.starts(with: "pod".utf8) ? Array(component.dropFirst(3)) : nil
            }
            let stem = component.dropLast(slice.count)
            guard stem.starts(with: "kubepods".utf8),
                let part = stem.split(separator: UInt8(ascii: "-")).last,
                part.starts(with: "pod".utf8)
            else { return nil }
            return Array(part.dropFirst(3))
        }
    }
}

/// Where runtimes keep their files.
package struct ContainerPaths: Sendable {
    /// Docker's data root, `/var/lib/docker`.
    package var docker: String
    /// containerd's state directory, `/run/containerd`.
    package var containerd: String
    /// The directory of the kubelet's `containers` and `pods`, `/var/log`.
    package var podLogs: String

    package init(docker: String, containerd: String, podLogs: String) {
        self.docker = docker
        self.containerd = containerd
        self.podLogs = podLogs
    }
}
