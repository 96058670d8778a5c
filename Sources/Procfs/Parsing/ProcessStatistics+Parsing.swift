package import TCPModel

extension ProcessStatistics {
    /// Field 3, the state, is the first after the command name.
    private static let firstField = 3

    /// - Parameter stat: The file's contents. The command name may hold parentheses, spaces and
    ///   newlines, so the other fields are counted from its last parenthesis.
    package init?(stat: [UInt8]) {
        guard let opening = stat.firstIndex(of: UInt8(ascii: "(")),
            let closing = stat.lastIndex(of: UInt8(ascii: ")")), opening < closing
        else { return nil }
        let fields = stat[(closing + 1)...].split { $0 == 0x20 || $0 == 0x0A }
        func number(_ field: Int) -> UInt64? {
            let index = field - Self.firstField
            // What reaches the end of the contents may have been cut: the kernel ends with a newline.
            guard index < fields.count, fields[index].endIndex < stat.endIndex else { return nil }
            return UInt64(decimal: fields[index])
        }
        guard let parent = number(4).flatMap(Int32.init(exactly:)),
            let userTime = number(14), let systemTime = number(15), let startTime = number(22),
            let virtualMemory = number(23), let residentMemory = number(24)
        else { return nil }
        self.init(
            command: Array(stat[(opening + 1)..<closing]), parent: ProcessID(rawValue: parent),
            userTimeTicks: userTime, systemTimeTicks: systemTime, startTimeTicks: startTime,
            virtualMemoryBytes: virtualMemory, residentMemoryPages: residentMemory)
    }
}
