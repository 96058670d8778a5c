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
        self.init(paths: [path])
    }

    /// What a process's hierarchies say together: cgroup v2, then systemd's own, then any.
    ///
    /// A container counts in whichever hierarchy it is: with the v1 hierarchies in use, Docker leaves
    /// its containers in the daemon's service as far as cgroup v2 is concerned. Of units the first
    /// hierarchy that has any knows best: systemd makes scopes below a service in its own two only.
    init?(memberships: [CgroupMembership]) {
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
        let container = paths.compactMap(Self.container).first
        let unit = paths.compactMap(Self.innermostUnit).first
        guard let module = container ?? unit.flatMap(Self.service) else { return nil }
        self.module = module
    }

    // MARK: - systemd

    /// The units that can hold processes.
    private static let unitSuffixes = [
        ".service", ".scope", ".slice", ".socket", ".mount", ".swap",
    ]

    private static func innermostUnit(_ components: [[UInt8]]) -> [UInt8]? {
        components.last { name in unitSuffixes.contains(where: name.hasSuffix) }
    }

    private static func service(_ unit: [UInt8]) -> OwnerModule? {
        guard unit.hasSuffix(".service") else { return nil }
        let name = HostileText.text(unescaped(unit), byteCountMax: HostileText.nameByteCountMax)
        return OwnerModule(name: name, kind: .service)
    }

    /// Undoes systemd's `\xHH` (`man 1 systemd-escape`).
    private static func unescaped(_ name: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = name[...]
        while let byte = rest.first {
            if rest.starts(with: "\\x".utf8), let value = rest.dropFirst(2).prefix(2).hexadecimal {
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
        ("libpod-conmon-", "podman"), ("libpod-payload-", "podman"), ("libpod-", "podman"),
        ("cri-containerd-", "containerd"), ("cri-containerd:", "containerd"),
        ("nerdctl-", "containerd"), ("containerd-", "containerd"),
        ("crio-conmon-", "crio"), ("crio-", "crio"),
    ]

    /// The directories in or below which runtimes make one named by nothing but the container's id.
    private static let idParents: [(prefix: String, runtime: String)] = [
        ("docker", "docker"), ("libpod_parent", "podman"), ("machine", "podman"),
        ("podman", "podman"), ("pod", "kubepods"), ("kubepods", "kubepods"), ("ecs", "ecs"),
        ("moby", "docker"), ("default", "containerd"), ("k8s.io", "containerd"),
    ]

    /// The directories in which LXC makes one named by nothing but the container's name.
    private static let nameParents = ["lxc", "lxc.payload", "lxc.monitor"].map(\.utf8)

    /// What LXC and systemd-nspawn put before a container's name.
    private static let namePrefixes: [(prefix: String, suffix: String, runtime: String)] = [
        ("lxc.payload.", "", "lxc"), ("lxc.monitor.", "", "lxc"),
        ("systemd-nspawn@", ".service", "nspawn"), ("machine-", ".scope", "machine"),
    ]

    private static func container(_ components: [[UInt8]]) -> OwnerModule? {
        for index in components.indices.reversed() {
            if let module = container(components[index], below: components[..<index]) {
                return module
            }
        }
        return nil
    }

    private static func container(
        _ name: [UInt8], below ancestors: ArraySlice<[UInt8]>
    ) -> OwnerModule? {
        let bare = name.hasSuffix(".scope") ? Array(name.dropLast(6)) : name
        guard let id = bare.containerID else {
            return namedContainer(name, below: ancestors.last ?? [])
        }
        let before = Array(bare.dropLast(id.count))
        let runtime =
            before.isEmpty
            ? ancestors.compactMap(runtime).last ?? "container"
            : idPrefixes.first { before.hasSuffix($0.prefix) }?.runtime
        return runtime.map { module($0, id.prefix(12)) }
    }

    private static func runtime(ofParent name: [UInt8]) -> String? {
        idParents.first { name.hasPrefix($0.prefix) }?.runtime
    }

    private static func namedContainer(_ name: [UInt8], below parent: [UInt8]) -> OwnerModule? {
        if nameParents.contains(where: parent.elementsEqual) {
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
            digit.hexadecimalValue != nil && !(0x41...0x46).contains(digit)
        }
        return digits.count == 64 && isHexadecimal ? digits : nil
    }
}

extension ArraySlice<UInt8> {
    /// The byte that just two hexadecimal digits write.
    fileprivate var hexadecimal: UInt8? {
        guard count == 2, let high = first?.hexadecimalValue, let low = last?.hexadecimalValue
        else { return nil }
        return high << 4 | low
    }
}

extension UInt8 {
    /// The value of an ASCII digit in either case.
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
