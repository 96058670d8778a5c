import Foundation
import Procfs
import TCPModel
import TestSupport
import Testing

@testable import Owners

/// A table of two thousand sockets in the hands of twenty processes, against an independent reader.
@Suite(.bothWays, .requires(.networkNamespaces))
struct QuietTableTests {
    /// Each process's sockets, by hand: every link of every `/proc/PID/fd`.
    private func holders() -> [UInt32: [Int32]] {
        let files = FileManager.default
        var holders: [UInt32: [Int32]] = [:]
        for pid in ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int32.init)
        {
            let directory = "/proc/\(pid)/fd"
            for name in (try? files.contentsOfDirectory(atPath: directory)) ?? [] {
                let link = try? files.destinationOfSymbolicLink(atPath: "\(directory)/\(name)")
                guard let link, link.hasPrefix("socket:["),
                    let inode = UInt32(link.dropFirst(8).dropLast())
                else { continue }
                holders[inode, default: []].append(pid)
            }
        }
        return holders
    }

    /// Which process each socket of the table is found in.
    private func owners(
        of rows: [TCPConnection], _ scrapes: inout Scrapes
    ) throws -> [UInt32: Int32] {
        _ = try scrapes.owners(of: rows)
        var owners: [UInt32: Int32] = [:]
        for (row, holder) in zip(rows, scrapes.holders) {
            guard let inode = row.inode else { continue }
            owners[inode.rawValue] = holder?.process.id ?? 0
        }
        return owners
    }

    @Test func everySocketIsItsHolders() throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["1000", "20"])
            defer { load.endInput() }
            try load.awaitOutput("ready 2000\n")
            while try kernelRows().contains(where: { $0.state == .listen }) { usleep(1000) }
            var scrapes = Scrapes.real()
            for _ in 0..<3 {
                let rows = try kernelRows()
                let answers = scrapes.scrape(rows)
                #expect(answers["process tcptable_testload"] == 2000)
                #expect(answers.total == UInt64(rows.count))
                let expected = holders()
                let given = try owners(of: rows, &scrapes)
                #expect(given.count == rows.count { $0.inode != nil })
                for (inode, pid) in given where expected[inode] != [pid] {
                    Issue.record("\(inode) is \(pid)'s, not \(expected[inode] ?? [])'s")
                }
                #expect(Set(given.values).count == 20)
            }
        }
    }

    @Test(.requires(.ss)) func ssNamesTheSameProcesses() throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["1000", "20", "--ipv6"])
            defer { load.endInput() }
            try load.awaitOutput("ready 2000\n")
            while try kernelRows().contains(where: { $0.state == .listen }) { usleep(1000) }
            var scrapes = Scrapes.real()
            let rows = try kernelRows()
            _ = scrapes.scrape(rows)
            let given = try owners(of: rows, &scrapes)
            let output = try run("ss", ["-tanpeH"]).standardOutput
            let lines = output.split(separator: "\n").filter { $0.contains("users:") }
            #expect(lines.count == 2000)
            for line in lines {
                let pid = try number(after: "pid=", in: line)
                let inode = try number(after: "ino:", in: line)
                if given[UInt32(inode)] != Int32(pid) { Issue.record("ss says: \(line)") }
            }
        }
    }

    private func number(after mark: String, in line: Substring) throws -> Int {
        let range = try #require(line.range(of: mark))
        return try #require(Int(line[range.upperBound...].prefix { $0.isNumber }))
    }
}
