/// One line of `/proc/PID/cgroup` (`man 7 cgroups`).
package struct CgroupMembership: Equatable, Sendable {
    /// The controllers of a v1 hierarchy, `name=systemd` among them; empty for cgroup v2.
    package var controllers: String
    /// The path from the hierarchy's root, as bytes: cgroup names are no text.
    package var path: [UInt8]

    package init(controllers: String, path: [UInt8]) {
        self.controllers = controllers
        self.path = path
    }
}
