import TCPModel

@testable import Owners
@testable import Procfs

extension FuzzTarget {
    /// A cgroup's path. What is below a service or a container, whoever runs in it has made: it changes nothing.
    static let cgroup = FuzzTarget(name: "cgroup") { input in
        let membership = CgroupMembership(line: input[...])
        _ = membership.map { ModuleIdentity(memberships: [$0]) }
        _ = SocketUnit(cgroupPath: input)?.instancesSlice
        guard let identity = ModuleIdentity(cgroupPath: input) else { return }
        let name = OwnerModule(identity).name
        require((1...128).contains(name.utf8.count), "a name of \(name.utf8.count) bytes")
        require(!name.utf8.contains(0), "a zero in \(name)")
        if case .service(let unit) = identity {
            require(unit.suffix(8).elementsEqual(".service".utf8), "\(name) is a service")
            if unit.starts(with: "user@".utf8) { return }
        }
        // In these, LXC names a container by the next directory.
        let last = input.split(separator: UInt8(ascii: "/")).last ?? []
        if ["lxc", "lxc.payload", "lxc.monitor"].contains(where: { last.elementsEqual($0.utf8) }) {
            return
        }
        let below = ModuleIdentity(cgroupPath: input + Array("/below/another.service".utf8))
        require(below == identity, "\(name) is another below it")
    }

    /// A file of /proc, as each of those that have a format.
    static let proc = FuzzTarget(name: "proc") { input in
        let text = input[...]
        checkStatistics(input)
        for word in input.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A }).prefix(8) {
            let digits = String(decoding: word, as: UTF8.self)
            let isDecimal = word.allSatisfy { 48...57 ~= $0 }
            require(UInt64(decimal: word) == (isDecimal ? UInt64(digits) : nil), digits)
        }
        if let release = KernelRelease(text: input) {
            require(
                String(decoding: input, as: UTF8.self).contains("."), "\(release) has no point")
        }
        for (name, _) in KernelTLSStatistics(contents: input).values {
            require(!name.isEmpty, "a counter without a name")
        }
        if let ports = text.portPair {
            require(ports.lowerBound <= ports.upperBound, "\(ports)")
        }
        checkRanges(input)
        _ = text.counter("ListenDrops", of: "TcpExt:")
    }

    /// `man 5 proc`, /proc/PID/stat.
    private static func checkStatistics(_ stat: [UInt8]) {
        guard let statistics = ProcessStatistics(stat: stat) else { return }
        let text = stat.map { Character(UnicodeScalar($0)) }
        guard let opening = text.firstIndex(of: "("), let closing = text.lastIndex(of: ")") else {
            fatalError("a process without parentheses")
        }
        require(
            statistics.command == Array(stat[opening...closing].dropFirst().dropLast()), "command")
        let fields = text[(closing + 1)...].split { $0 == " " || $0 == "\n" }.map { String($0) }
        let numbers = [4, 14, 15, 22, 23, 24].map { UInt64(fields[$0 - 3]) }
        let read = [
            UInt64(statistics.parent.rawValue), statistics.userTimeTicks,
            statistics.systemTimeTicks,
            statistics.startTimeTicks, statistics.virtualMemoryBytes,
            statistics.residentMemoryPages,
        ]
        require(numbers == read, "\(numbers) is read as \(read)")
    }

    /// `8080,9148-9150` is what it says.
    private static func checkRanges(_ input: [UInt8]) {
        guard let ranges = input.portRanges else { return }
        let written = ranges.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
        require(Array(written.utf8).portRanges == ranges, written)
    }
}
