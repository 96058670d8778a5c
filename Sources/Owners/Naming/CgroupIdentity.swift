package import TCPModel

/// What a cgroup's path says about the processes in it: their systemd service, or their container.
///
/// The path is read from the root, because what is below a service or a container was made by whoever
/// runs in it. The innermost container decides, unless a service wraps it: then the service does,
/// whose name stays. Below `user@UID.service` everything is that user's. Sessions, `init.scope`,
/// slices and paths that no known runtime makes say nothing.
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
        let paths = paths.map { $0.split(separator: UInt8(ascii: "/")).map(Array.init)[...] }
        let modules = paths.map { Self(components: $0, user: nil) }
        let container =
            modules.first { if case .container = $0 { true } else { false } }
            ?? modules.first { if case .userContainer = $0 { true } else { false } }
        let unit = zip(paths, modules).first { path, _ in path.contains(where: UnitName.isUnit) }?.1
        guard let module = (container ?? nil) ?? (unit ?? nil) else { return nil }
        self = module
    }

    /// - Parameter user: Whose manager's ground it is; nil for the system's.
    private init?(components: ArraySlice<[UInt8]>, user: [UInt8]?) {
        let wrapper = components.firstIndex(where: UnitName.isWrapper)
        if let container = ContainerIdentity(
            components: wrapper.map { components[...$0] } ?? components)
        {
            self = user.map { .userContainer(user: $0, container) } ?? .container(container)
            return
        }
        // Only slices hold other units.
        guard let index = components.firstIndex(where: UnitName.holdsProcesses),
            let unit = UnitName(cgroupDirectory: components[index])
        else { return nil }
        let below = components[(index + 1)...]
        if user == nil, let user = unit.managedUser {
            if let module = Self(components: below, user: user) {
                self = module
                return
            }
            guard !below.contains(where: UnitName.isUnit) else { return nil }
        }
        guard let service = unit.service(isUsers: user != nil) else { return nil }
        self = user.map { .userService(user: $0, unit: service) } ?? .service(unit: service)
    }
}
