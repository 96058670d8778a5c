package import TCPModel

/// What a cgroup's path says about the processes in it: their systemd service, or their container.
///
/// The innermost container decides, because what runs in a container belongs to it; else the innermost
/// systemd unit, if it is a service (`man 5 systemd.unit`). Sessions, `init.scope`, slices and paths
/// that no known runtime makes say nothing.
extension ModuleIdentity {
    /// - Parameter cgroupPath: The path from the hierarchy's root.
    package init?(cgroupPath: [UInt8]) {
        self.init(paths: [cgroupPath])
    }

    /// What a process' hierarchies say together: cgroup v2, then systemd's own, then any.
    ///
    /// A container counts in whichever hierarchy it is: with the v1 hierarchies in use, Docker leaves
    /// its containers in the daemon's service as far as cgroup v2 is concerned. Of units the first
    /// hierarchy that has any knows best: systemd makes scopes below a service in its own two only.
    package init?(memberships: [CgroupMembership]) {
        func rank(_ membership: CgroupMembership) -> (Int, String) {
            switch membership.controllers {
            case "": (0, "")
            case "name=systemd": (1, "")
            default: (2, membership.controllers)
            }
        }
        self.init(paths: memberships.sorted { rank($0) < rank($1) }.map(\.path))
    }

    private init?(paths: [[UInt8]]) {
        let paths = paths.map { $0.split(separator: UInt8(ascii: "/")).map(Array.init) }
        if let container = paths.compactMap(ContainerIdentity.init(components:)).first {
            self = .container(container)
        } else if let unit = paths.compactMap(Self.innermostUnit).first,
            unit.hasSuffix(".service")
        {
            self = .service(unit: unit)
        } else {
            return nil
        }
    }

    /// The suffixes of units that can hold processes.
    private static let unitSuffixes = [
        ".service", ".scope", ".slice", ".socket", ".mount", ".swap",
    ]

    private static func innermostUnit(_ components: [[UInt8]]) -> [UInt8]? {
        components.last { name in unitSuffixes.contains(where: name.hasSuffix) }
    }
}

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

    /// - Parameter components: The components of a cgroup path, the root's first.
    fileprivate init?(components: [[UInt8]]) {
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
            return namedContainer(name, below: ancestors.last ?? [])
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
    fileprivate func hasPrefix(_ text: String) -> Bool { starts(with: text.utf8) }

    fileprivate func hasSuffix(_ text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }

    /// The 64 lower-case hexadecimal digits at the end, by which every runtime names its containers.
    fileprivate var containerID: [UInt8]? {
        let digits = suffix(64)
        let isHexadecimal = digits.allSatisfy { digit in
            digit.hexadecimalValue != nil && !(0x41...0x46).contains(digit)
        }
        return digits.count == 64 && isHexadecimal ? Array(digits) : nil
    }
}
