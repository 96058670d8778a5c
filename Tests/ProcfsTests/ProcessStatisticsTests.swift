import Foundation
import TCPModel
import TestSupport
import Testing

@testable import Procfs

struct ProcessStatisticsTests {
    @Test(arguments: [
        "sleep", "a b", "(", ")", "()", "((sd-pam))", ") R 1 (", ") R 1 1 1", "a\nb", "\n", "", " ",
        "\t) S 0 0 0 (", "0123456789abcde",
    ])
    func aCommandMayHoldAnything(_ command: String) throws {
        let statistics = try #require(ProcessStatistics(stat: stat(Array(command.utf8))))
        #expect(statistics.command == Array(command.utf8))
        #expect(statistics.userTimeTicks == 14)
        #expect(statistics.systemTimeTicks == 15)
        #expect(statistics.startTimeTicks == 22)
        #expect(statistics.virtualMemoryBytes == 23_000)
        #expect(statistics.residentMemoryPages == 24_000)
    }

    @Test func aCommandIsBytes() throws {
        let command: [UInt8] = [0xFF, 0x29, 0x20, 0xC3]
        let statistics = try #require(ProcessStatistics(stat: stat(command)))
        #expect(statistics.command == command)
    }

    @Test(arguments: ["sleep", ") R 1 ("])
    func cutContentsAreNoneOrWhole(_ command: String) throws {
        let whole = stat(Array(command.utf8))
        let expected = ProcessStatistics(stat: whole)
        let needed = try #require(String(decoding: whole, as: UTF8.self).range(of: " 24000 "))
        let neededByteCount = String(decoding: whole, as: UTF8.self)[..<needed.upperBound].utf8
            .count
        for byteCount in 0...whole.count {
            let statistics = ProcessStatistics(stat: Array(whole.prefix(byteCount)))
            let isWhole = byteCount >= neededByteCount
            #expect(statistics == (isWhole ? expected : nil), "the first \(byteCount) bytes")
        }
    }

    @Test(arguments: [
        "", "(", ")", ")(", "1 )sleep( S", "1 (sleep", "1 sleep) S", "1 (sleep)", "1 (sleep) S 1\n",
        "1 (a) " + String(repeating: "x ", count: 50),
        "1 (a) S " + String(repeating: "-1 ", count: 50),
        "1 (a) S " + String(repeating: "18446744073709551616 ", count: 50),
    ])
    func otherContentsAreNone(_ text: String) {
        #expect(ProcessStatistics(stat: Array(text.utf8)) == nil)
    }

    @Test func theKernelsOwnContentsAreUnderstood() throws {
        let child = try ChildProcess("sleep", ["60"])
        let statistics = try ProcFS().statistics(of: ProcessID(rawValue: child.processID))
        #expect(statistics.command == Array("sleep".utf8))
        #expect(statistics.virtualMemoryBytes > 0)
        // Of a small process the kernel says 0: it counts resident pages in batches.
        #expect(try ProcFS().ownStatistics.residentMemoryPages > 100)
        #expect(try statistics.startTimeTicks >= ProcFS().ownStatistics.startTimeTicks)
    }

    /// Any process chooses its own name, `prctl(2)` or this file.
    @Test func aHostileProcessCannotForgeItsNumbers() throws {
        let script = "printf ') R 1 1 1 (' > /proc/$$/comm && echo ready; read line"
        let child = try ChildProcess("sh", ["-c", script])
        try child.awaitOutput("ready")
        let statistics = try ProcFS().statistics(of: ProcessID(rawValue: child.processID))
        #expect(statistics.command == Array(") R 1 1 1 (".utf8))
        #expect(try statistics.startTimeTicks >= ProcFS().ownStatistics.startTimeTicks)
    }
}

/// `/proc/PID/stat` as Linux 6.18 prints it, 52 fields; a field's number is its value, but for the
/// sizes.
private func stat(_ command: [UInt8]) -> [UInt8] {
    let fields = (4...52).map { number in
        switch number {
        case 23, 24: "\(number)000"
        case 5, 8: "-1"
        default: "\(number)"
        }
    }
    return Array("4711 (".utf8) + command + Array(") S \(fields.joined(separator: " "))\n".utf8)
}
