/// What makes an owner module itself, apart from the name that people know it by.
///
/// Caches, counts and the lives of series go by identity. It is compared as bytes, because that is
/// what the kernel gives: cgroup names and paths are not text.
package enum ModuleIdentity: Hashable, Sendable {
    /// A service of the system's systemd, by its unit as `systemctl` spells it, without an instance
    /// that was made up for one start.
    case service(unit: [UInt8])
    /// A container.
    case container(ContainerIdentity)
    /// A service of a user's systemd (`user@UID.service`).
    case userService(user: [UInt8], unit: [UInt8])
    /// A container below a user's systemd.
    case userContainer(user: [UInt8], ContainerIdentity)
    /// An executable, by its path.
    case executable(path: [UInt8])
    /// A process whose executable is unknown, by the name it gave itself.
    case command([UInt8])
    /// Processes that the administrator's rules give a name.
    case mapped(name: [UInt8])
}

extension ModuleIdentity {
    /// The ID of a container whose path did not tell its runtime.
    package var unknownContainerID: [UInt8]? {
        switch self {
        case .container(let container), .userContainer(_, let container):
            container.runtime == .unknown ? container.id : nil
        default: nil
        }
    }

    /// Whether it is the container with an ID.
    package func isContainer(_ id: [UInt8]) -> Bool {
        switch self {
        case .container(let container), .userContainer(_, let container): container.id == id
        default: false
        }
    }
}

/// A container, by its runtime and its whole ID.
package struct ContainerIdentity: Hashable, Sendable {
    package var runtime: ContainerRuntime
    /// 64 hexadecimal digits, 32 and a number on Fargate, or the name that LXC, systemd-nspawn and
    /// machined give.
    package var id: [UInt8]

    package init(runtime: ContainerRuntime, id: [UInt8]) {
        self.runtime = runtime
        self.id = id
    }

    /// The ID at once: an array hashes byte by byte.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(runtime)
        unsafe id.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension Collection<UInt8> {
    /// Whether it consists of ASCII hexadecimal digits in lower case, at least one.
    package var isLowerHexadecimal: Bool {
        !isEmpty && allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// A container runtime, as far as cgroup paths tell.
package enum ContainerRuntime: String, Hashable, Sendable {
    case docker
    case podman
    case containerd
    case crio
    /// Kubernetes, with whatever runtime.
    case kubepods
    case ecs
    case lxc
    case nspawn
    /// A container or virtual machine that is registered with systemd-machined.
    case machine
    /// A container whose path does not tell its runtime.
    case unknown = "container"
}
