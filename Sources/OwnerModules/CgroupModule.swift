import Procfs

/// What a cgroup's path says of the processes in it: their systemd service, or their container.
///
/// The innermost container decides, for what runs in a container belongs to it; else the innermost
/// systemd unit, if it is a service (`man 5 systemd.unit`). Sessions, `init.scope`, slices and paths
/// that no runtime is known to make say nothing.
struct CgroupModule {
    let module: OwnerModule

    /// - Parameter path: The path from the hierarchy's root, as bytes.
    init?(path: [UInt8]) {
        let components = path.split(separator: UInt8(ascii: "/")).map(Array.init)
        guard let module = Self.container(components) ?? Self.service(components) else {
            return nil
        }
        self.module = module
    }

    /// The first of a process's hierarchies that tells: cgroup v2, then systemd's own, then any.
    init?(memberships: [CgroupMembership]) {
        func rank(_ membership: CgroupMembership) -> Int {
            switch membership.controllers {
            case "": 0
            case "name=systemd": 1
            default: 2
            }
        }
        let ranked = memberships.sorted { rank($0) < rank($1) }
        for membership in ranked {
            if let found = CgroupModule(path: membership.path) {
                self = found
                return
            }
        }
        return nil
    }

    // MARK: - systemd

    private static let unitSuffixes = [".service", ".scope", ".slice"]

    private static func service(_ components: [[UInt8]]) -> OwnerModule? {
        let unit = components.last { name in unitSuffixes.contains(where: name.hasSuffix) }
        guard let unit, unit.hasSuffix(".service") else { return nil }
        let name = HostileText.text(unescaped(unit), byteCountMax: HostileText.nameByteCountMax)
        return OwnerModule(name: name, kind: .service)
    }

    /// Undoes systemd's `\xHH` (`man 1 systemd-escape`).
    private static func unescaped(_ name: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = name[...]
        while let byte = rest.first {
            if rest.starts(with: Array("\\x".utf8)), rest.count >= 4,
                let value = UInt8(
                    String(decoding: rest.dropFirst(2).prefix(2), as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(4)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    // MARK: - Containers

    /// What runtimes put before a container's id in a component of its own. A `-conmon-` scope holds
    /// the container's monitor, which is the container's as well.
    private static let idPrefixes: [(prefix: String, runtime: String)] = [
        ("docker-", "docker"),
        ("libpod-conmon-", "podman"), ("libpod-", "podman"),
        ("cri-containerd-", "containerd"), ("cri-containerd:", "containerd"),
        ("nerdctl-", "containerd"), ("containerd-", "containerd"),
        ("crio-conmon-", "crio"), ("crio-", "crio"),
    ]

    /// The directories in which runtimes make one named by nothing but the container's id.
    private static let idParents: [(prefix: String, runtime: String)] = [
        ("docker", "docker"), ("libpod_parent", "podman"), ("machine", "podman"),
        ("pod", "kubepods"), ("kubepods", "kubepods"), ("ecs", "ecs"), ("moby", "docker"),
        ("default", "containerd"), ("k8s.io", "containerd"),
    ]

    /// What LXC and systemd-nspawn put before a container's name.
    private static let namePrefixes: [(prefix: String, suffix: String, runtime: String)] = [
        ("lxc.payload.", "", "lxc"), ("lxc.monitor.", "", "lxc"),
        ("systemd-nspawn@", ".service", "nspawn"), ("machine-", ".scope", "machine"),
    ]

    private static func container(_ components: [[UInt8]]) -> OwnerModule? {
        for index in components.indices.reversed() {
            let parent = index > 0 ? components[index - 1] : []
            if let module = container(components[index], below: parent) { return module }
        }
        return nil
    }

    private static func container(_ name: [UInt8], below parent: [UInt8]) -> OwnerModule? {
        let bare = name.hasSuffix(".scope") ? Array(name.dropLast(6)) : name
        guard let id = bare.containerID else { return namedContainer(name, below: parent) }
        let before = Array(bare.dropLast(id.count))
        let runtime =
            before.isEmpty
            ? idParents.first { parent.hasPrefix($0.prefix) }?.runtime ?? "container"
            : idPrefixes.first { before.hasSuffix($0.prefix) }?.runtime
        return runtime.map { module($0, id.prefix(12)) }
    }

    private static func namedContainer(_ name: [UInt8], below parent: [UInt8]) -> OwnerModule? {
        if parent == Array("lxc".utf8) || parent == Array("lxc.payload".utf8) {
            return module("lxc", name[...])
        }
        for (prefix, suffix, runtime) in namePrefixes
        where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
            let rest = name.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
            return rest.isEmpty ? nil : module(runtime, unescaped(Array(rest))[...])
        }
        return nil
    }

    private static func module(_ runtime: String, _ id: ArraySlice<UInt8>) -> OwnerModule {
        let name = HostileText.text(
            Array(runtime.utf8) + [UInt8(ascii: "-")] + id,
            byteCountMax: HostileText.nameByteCountMax)
        return OwnerModule(name: name, kind: .container)
    }
}

extension [UInt8] {
    fileprivate func hasPrefix(_ text: String) -> Bool { starts(with: text.utf8) }

    fileprivate func hasSuffix(_ text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }

    /// The 64 hexadecimal digits at the end, which every runtime names its containers by.
    fileprivate var containerID: ArraySlice<UInt8>? {
        let digits = suffix(64)
        let isHexadecimal = digits.allSatisfy { digit in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit)
        }
        return digits.count == 64 && isHexadecimal ? digits : nil
    }
}
