import TCPModel

/// Commands for a shell, as the alerts give them.
///
/// Any local user can choose a module's name: a command contains it only if it has no character that is
/// special to a shell.
enum ShellCommand {
    /// `tcptable` with options.
    static func tcptable(_ options: String, in namespace: String) -> String {
        entering(namespace) + "tcptable " + options
    }

    /// The connections of a module in a state.
    static func connections(of module: PageModule, _ state: TCPState) -> String {
        let selection =
            module.isAttributed && isPlain(module.name)
            ? "--module '\(module.name)'" : "--by module"
        return tcptable("\(selection) --state \(state.label)", in: module.namespace)
    }

    /// The destinations with the most connections.
    static func busiestDestinations(in namespace: String) -> String {
        entering(namespace) + "ss -Htan | awk '{print $5}' | sort | uniq -c | sort -rn | head"
    }

    /// What a command in another network namespace begins with: its label is its name, its inode number,
    /// or that of a container.
    private static func entering(_ namespace: String) -> String {
        if namespace.isEmpty { return "" }
        if namespace.utf8.allSatisfy(isDigit) {
            return "nsenter -n -t $(lsns -nro PID \(namespace) | head -n 1) "
        }
        let isName =
            namespace.utf8.first.map { isWordByte($0) && !isDigit($0) } == true
            && namespace.utf8.allSatisfy { isWordByte($0) || ".-".utf8.contains($0) }
        if !isName || containers.contains(where: { namespace.hasPrefix($0 + "-") }) {
            return "nsenter -n -t PID "
        }
        return "ip netns exec \(namespace) "
    }

    private static let containers = [
        "container", "containerd", "crio", "docker", "ecs", "k8s", "kubepods", "lxc", "machine",
        "nspawn", "podman",
    ]

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, isWordByte(first) else { return false }
        return name.utf8.allSatisfy { isWordByte($0) || ".@:+/-".utf8.contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
