import TCPModel

/// The name of a systemd unit, as `systemctl` writes it (`man 5 systemd.unit`).
struct UnitName {
    /// The suffixes of units that have a cgroup.
    private enum Suffix: String, CaseIterable {
        case service = ".service"
        case scope = ".scope"
        case slice = ".slice"
        case socket = ".socket"
        case mount = ".mount"
        case swap = ".swap"
    }

    /// The name without its suffix.
    private let stem: [UInt8]
    private let suffix: Suffix

    /// systemd writes a `_` before a name that the kernel could take for a file of its own
    /// (`_memory.service`), and before one that begins with `_` itself.
    init?(cgroupDirectory name: [UInt8]) {
        let name = name.first == UInt8(ascii: "_") ? Array(name.dropFirst()) : name
        guard let suffix = Suffix.allCases.first(where: { name.hasSuffix($0.rawValue) }),
            name.count > suffix.rawValue.utf8.count
        else { return nil }
        stem = name.dropLast(suffix.rawValue.utf8.count)
        self.suffix = suffix
    }

    static func isUnit(_ directory: [UInt8]) -> Bool { UnitName(cgroupDirectory: directory) != nil }

    /// Whether a directory is a unit that has processes of its own, and no other units.
    static func holdsProcesses(_ directory: [UInt8]) -> Bool {
        UnitName(cgroupDirectory: directory).map { $0.suffix != .slice } ?? false
    }

    /// Whether containers below a directory are its own affair: a service that wraps a container, or
    /// a machine. An engine's containers are no part of the engine, and a service without a name of
    /// its own is less than a container.
    static func isWrapper(_ directory: [UInt8]) -> Bool {
        guard let unit = UnitName(cgroupDirectory: directory) else { return false }
        switch unit.suffix {
        case .service: return !unit.isAnonymous && !unit.isEngine
        case .scope: return unit.stem.hasPrefix("machine-")
        default: return false
        }
    }

    /// The user whose service manager this service is.
    var managedUser: [UInt8]? {
        guard suffix == .service, stem.hasPrefix("user@"), stem.count > 5 else { return nil }
        return Array(stem.dropFirst(5))
    }

    /// The service that processes and sockets of this unit belong to; nil where there is none, or it
    /// was given no name. A socket unit's sockets are for the service of its name.
    ///
    /// - Parameter isUsers: Whether a user's manager runs it.
    func service(isUsers: Bool) -> [UInt8]? {
        guard suffix == .service || suffix == .socket, !isAnonymous else { return nil }
        return foldedStem(isUsers: isUsers) + Array(Suffix.service.rawValue.utf8)
    }

    /// Services below which engines can have their containers, if these use no slice.
    private static let engines = [
        "docker", "snap.docker.dockerd", "containerd", "crio", "kubelet", "k3s", "k3s-agent",
        "rke2-server", "rke2-agent",
    ].map(\.utf8)

    private var isEngine: Bool { Self.engines.contains(where: stem.elementsEqual) }

    /// Whether a program made up the whole name: `run-u12` and the like, of `systemd-run`, or a
    /// container's ID, of Podman's health checks.
    private var isAnonymous: Bool {
        if stem.count >= 64, stem.prefix(64).isLowerHexadecimal { return true }
        guard stem.hasPrefix("run-") else { return false }
        let parts = stem.dropFirst(4).split(
            omittingEmptySubsequences: false, whereSeparator: "-_".utf8.contains)
        return parts.allSatisfy { part in
            let rest = part.dropFirst()
            switch part.first {
            case UInt8(ascii: "r"): return rest.count >= 16 && rest.isLowerHexadecimal
            case UInt8(ascii: "u"), UInt8(ascii: "p"), UInt8(ascii: "i"): return rest.isDecimal
            default: return part.isDecimal
            }
        }
    }

    /// The stem without an instance that was made up for one start.
    private func foldedStem(isUsers: Bool) -> [UInt8] {
        guard let at = stem.firstIndex(of: UInt8(ascii: "@")) else { return stem }
        let template = Array(stem[...at])
        let instance = GeneratedInstance(stem[(at + 1)...])
        if let bus = instance.busTemplate(template) { return bus }
        let isGenerated =
            instance.isConnection
            || template.hasPrefix("app-") && instance.isLaunch(isUsers: isUsers)
        return isGenerated ? template : stem
    }
}
