extension Collection<UInt8> {
    /// A counter of `/proc/net/netstat`, where each group has a line of names and then one of numbers, both
    /// of which begin with the group's name.
    func counter(_ name: String, of group: String) -> UInt64? {
        let lines = lines.map(\.words).filter { $0.first?.elementsEqual(group.utf8) == true }
        guard lines.count == 2, lines[0].count == lines[1].count else { return nil }
        return zip(lines[0], lines[1]).first { $0.0.elementsEqual(name.utf8) }
            .flatMap { UInt64(decimal: $0.1) }
    }
}
