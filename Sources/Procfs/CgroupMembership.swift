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

    /// - Parameter line: `HIERARCHY:CONTROLLERS:PATH`; the path may hold colons.
    init?(line: ArraySlice<UInt8>) {
        let fields = line.split(
            separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        let deleted = Array(" (deleted)".utf8)
        controllers = String(decoding: fields[1], as: UTF8.self)
        path = Array(fields[2])
        // The kernel marks a cgroup that was removed while the process dies; its name still counts.
        if path.suffix(deleted.count).elementsEqual(deleted) { path.removeLast(deleted.count) }
    }
}
