import TCPModel

extension ContainerIdentity {
    /// What runtimes put before a container's ID in a component of its own. A `-conmon-` scope holds
    /// the container's monitor, which belongs to the container too.
    private static let idPrefixes: [(prefix: String, runtime: ContainerRuntime)] = [
        ("docker-", .docker),
        ("libpod-conmon-", .podman), ("libpod-payload-", .podman), ("libpod-", .podman),
        ("cri-containerd-", .containerd), ("cri-containerd:", .containerd),
        ("nerdctl-", .containerd), ("containerd-", .containerd),
        ("crio-conmon-", .crio), ("crio-", .crio),
    ]

    /// The directories in or below which runtimes make one that is named by the ID alone.
    private static let idParents: [(prefix: String, runtime: ContainerRuntime)] = [
        ("docker", .docker), ("libpod_parent", .podman), ("machine", .podman),
        ("podman", .podman), ("pod", .kubepods), ("kubepods", .kubepods), ("ecs", .ecs),
        ("moby", .docker), ("default", .containerd), ("k8s.io", .containerd),
    ]

    /// The directories in which LXC makes one that is named by the container's name alone.
    private static let nameParents = ["lxc", "lxc.payload", "lxc.monitor"].map(\.utf8)

    /// What LXC and systemd-nspawn put before a container's name.
    private static let namePrefixes: [(prefix: String, suffix: String, runtime: ContainerRuntime)] =
        [
            ("lxc.payload.", "", .lxc), ("lxc.monitor.", "", .lxc),
            ("systemd-nspawn@", ".service", .nspawn), ("machine-", ".scope", .machine),
        ]

    /// The innermost container of a path.
    ///
    /// - Parameter components: The components of a cgroup path, the root's first.
    init?(components: ArraySlice<[UInt8]>) {
        for index in components.indices.reversed() {
            if let found = Self.container(components[index], below: components[..<index]) {
                self = found
                return
            }
        }
        return nil
    }

    private static func container(
        _ name: [UInt8], below ancestors: ArraySlice<[UInt8]>
    ) -> ContainerIdentity? {
        let bare = name.hasSuffix(".scope") ? Array(name.dropLast(6)) : name
        guard let id = bare.containerID else {
            return fargateContainer(name, below: ancestors)
                ?? namedContainer(name, below: ancestors.last ?? [])
        }
        let before = Array(bare.dropLast(id.count))
        let runtime =
            before.isEmpty
            ? ancestors.compactMap(runtime).last ?? .unknown
            : idPrefixes.first { before.hasSuffix($0.prefix) }?.runtime
        return runtime.map { ContainerIdentity(runtime: $0, id: id) }
    }

    private static func runtime(ofParent name: [UInt8]) -> ContainerRuntime? {
        idParents.first { name.hasPrefix($0.prefix) }?.runtime
    }

    /// ECS on Fargate names a container by its task's 32 digits and a number of 9 or 10.
    private static func fargateContainer(
        _ name: [UInt8], below ancestors: ArraySlice<[UInt8]>
    ) -> ContainerIdentity? {
        let parts = name.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 32, parts[0].isLowerHexadecimal,
            9...10 ~= parts[1].count, parts[1].isDecimal,
            ancestors.contains(Array("ecs".utf8)) || ancestors.last == Array("..".utf8)
        else { return nil }
        return ContainerIdentity(runtime: .ecs, id: name)
    }

    private static func namedContainer(
        _ name: [UInt8], below parent: [UInt8]
    ) -> ContainerIdentity? {
        if nameParents.contains(where: parent.elementsEqual) {
            return ContainerIdentity(runtime: .lxc, id: name)
        }
        for (prefix, suffix, runtime) in namePrefixes
        where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
            let rest = Array(name.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))
            return rest.isEmpty ? nil : ContainerIdentity(runtime: runtime, id: rest)
        }
        return nil
    }
}

extension [UInt8] {
    /// The 64 lower-case hexadecimal digits at the end, by which every runtime names its containers.
    fileprivate var containerID: [UInt8]? {
        let digits = suffix(64)
        return digits.count == 64 && digits.isLowerHexadecimal ? Array(digits) : nil
    }
}
