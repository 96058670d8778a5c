import Foundation
import Procfs
import TCPModel
import TestSupport
import Testing

@testable import Owners

/// By BPF and by /proc the same process owns a socket, on a table in which much goes on.
@Suite(.slow, .requires(.networkNamespaces), .requires(.cgroups), .requires(.bpf))
struct HolderEqualityTests {
    /// As many as one wants to wait for.
    private let roundCount =
        ProcessInfo.processInfo.environment["TCPTABLE_TEST_ROUNDS"].flatMap { Int($0) } ?? 30

    @Test func bothWaysNameTheSameOwnerOfEachSocketThatStoodStill() throws {
        let programs = try ProgramDirectory()
        defer { programs.remove() }
        try inNewNetworkNamespace {
            let other = try programs.copy(as: "other_program")
            let load = try ChildProcess(
                testProgram("tcptable_testload"), ["10000", "20", "--churn", "--listening"])
            try load.awaitOutput("ready 20000\n")
            let holders = [
                try Holder(["listen"], in: try TestCgroup("system.slice/web.service")),
                try Holder(["backlog"]), try Holder(["dual"]), try Holder(["orphan"]),
                try Holder(["inherit", other]), try Holder(["pass", other]),
            ]
            let forks = try ChildProcess(
                "bash",
                [
                    "-c",
                    "while :; do '\(try testProgram("tcptable_holder"))' backlog </dev/null; done",
                ]
            )
            defer {
                for child in [load, forks] {
                    child.send(SIGTERM)
                    _ = try? child.wait()
                }
                for holder in holders { holder.end() }
            }
            for round in 0..<roundCount { try compare(round) }
        }
    }

    private func compare(_ round: Int) throws {
        let rows = try kernelRows()
        var answers: [[String]] = []
        for way in HolderWay.allCases {
            try HolderWay.$current.withValue(way) {
                var scrapes = Scrapes.real()
                answers.append(try scrapes.owners(of: rows))
            }
        }
        let still = Set(try kernelRows().map(\.cookie))
        var comparedCount = 0
        for (index, row) in rows.enumerated() where row.inode != nil && still.contains(row.cookie) {
            comparedCount += 1
            guard answers[0][index] != answers[1][index] else { continue }
            Issue.record("round \(round): \(row.localPort): \(answers.map { $0[index] })")
        }
        #expect(comparedCount > 20_000)
    }
}
