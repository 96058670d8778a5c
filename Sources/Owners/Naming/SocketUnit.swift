import TCPModel

/// A socket unit of systemd by its cgroup, in which systemd makes the unit's sockets
/// (`man 5 systemd.socket`).
///
/// With `Accept=yes` systemd accepts the connections, and starts an instance of the service's template
/// for each; else the service of the unit's name gets the socket. The cgroup's name does not say which.
struct SocketUnit {
    private let slice: [UInt8]
    private let stem: [UInt8]

    /// Nil for the cgroup of anything else.
    init?(cgroupPath path: [UInt8]) {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")), path.hasSuffix(".socket") else {
            return nil
        }
        slice = Array(path[..<slash])
        stem = path[(slash + 1)...].dropLast(7)
        guard !stem.isEmpty, !stem.contains(UInt8(ascii: "@")) else { return nil }
    }

    /// The name of the template that the unit starts instances of with `Accept=yes`.
    var template: [UInt8] { stem + Array("@.service".utf8) }

    /// The path of the slice that systemd makes for those instances, unless they have another one:
    /// `/system.slice/system-NAME.slice`, in a user's manager `…/app.slice/app-NAME.slice`. It stays
    /// when they end. Nil if the unit is in no slice.
    var instancesSlice: [UInt8]? {
        guard let parent = slice.split(separator: UInt8(ascii: "/")).last.map(Array.init),
            parent.hasSuffix(".slice")
        else { return nil }
        let escaped = stem.flatMap { byte in
            byte == UInt8(ascii: "-") ? Array("\\x2d".utf8) : [byte]
        }
        return slice + Array("/".utf8) + parent.dropLast(6) + Array("-".utf8) + escaped
            + Array(".slice".utf8)
    }
}

extension ModuleIdentity {
    /// The service whose instances a socket unit starts, in the place of the one of the unit's name.
    func template(for unit: SocketUnit) -> ModuleIdentity? {
        switch self {
        case .service: .service(unit: unit.template)
        case .userService(let user, _): .userService(user: user, unit: unit.template)
        default: nil
        }
    }
}
