import TCPModel

extension CgroupMembership {
    /// - Parameter line: `HIERARCHY:CONTROLLERS:PATH`; the path may hold colons.
    init?(line: ArraySlice<UInt8>) {
        let fields = line.split(
            separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        let deleted = Array(" (deleted)".utf8)
        var path = Array(fields[2])
        // The kernel marks a cgroup that was removed while the process dies; its name still counts.
        if path.suffix(deleted.count).elementsEqual(deleted) { path.removeLast(deleted.count) }
        self.init(controllers: String(decoding: fields[1], as: UTF8.self), path: path)
    }
}
