import Foundation
import TCPModel
import TestSupport
import Testing

@testable import Owners

/// A thousand scrapes while connections and processes come and go.
@Suite(.bothWays, .slow, .requires(.networkNamespaces), .requires(.cgroups))
struct ChurnTests {
    private let scrapeCount = 1000

    @Test func everyConnectionIsGivenOnceAndNothingIsLeftBehind() throws {
        try inNewNetworkNamespace {
            let service = try Holder(["listen"], in: try TestCgroup("quiet.service"))
            defer { service.end() }
            var scrapes = Scrapes.real()
            _ = try scrapes.scrapeKernel()
            let cached = scrapes.cachedSocketCount
            try churn { for _ in 0..<scrapeCount { try check(&scrapes) } }
            // The load's last connections are reset: nothing of it remains but the listener.
            _ = try scrapes.scrapeKernel()
            #expect(scrapes.cachedSocketCount == cached)
            #expect(scrapes.modules.living.count == 1)
        }
    }

    /// Connections that open and close at full speed, and programs that listen for a moment.
    private func churn(_ body: () throws -> Void) throws {
        let load = try ChildProcess(testProgram("tcptable_testload"), ["20", "2", "--churn"])
        try load.awaitOutput("ready 40\n")
        let holder = try testProgram("tcptable_holder")
        let loop =
            "for i in $(seq 2000); do '\(holder)' backlog </dev/null & '\(holder)' listen"
            + " </dev/null >&2; sleep 0.02; done >/dev/null"
        let spawning = try ChildProcess("bash", ["-c", loop])
        try body()
        for program in [load, spawning] {
            program.send(SIGTERM)
            _ = try program.wait()
        }
        // Those that the loop has started last end of themselves; the service's listener remains.
        let deadline = ContinuousClock.now + .seconds(5)
        while try kernelRows().count(where: { $0.inode != nil }) > 1,
            ContinuousClock.now < deadline
        {
            usleep(1000)
        }
    }

    private func check(_ scrapes: inout Scrapes) throws {
        let rows = try kernelRows()
        let (given, leftOpen) = countDescriptorsLeftOpen { try? scrapes.owners(of: rows) }
        // What bpf(2) opens is not counted, and its closing is.
        #expect(HolderWay.current == .bpf ? leftOpen <= 0 : leftOpen == 0)
        let owners = try #require(given)
        let answers = zip(rows, owners).reduce(into: Answers()) { $0.add($1.0, $1.1) }
        checkPeers(rows, owners)
        let states = rows.reduce(into: [TCPState: UInt64]()) { $0[$1.state, default: 0] += 1 }
        for state in TCPState.allCases where answers[state] != states[state] ?? 0 {
            Issue.record("\(answers[state]) of \(states[state] ?? 0) in \(state)")
        }
        // Known for certain: the load's pairs, and the service's listener.
        #expect(answers["service quiet.service"] == 1)
        #expect(answers["process tcptable_testload", .established] >= 40)
        let known: Set = [
            "service quiet.service", "process tcptable_testload", "process tcptable_holder",
            "process bash", "not_found", "partial", "protected", "ambiguous", "kernel",
        ]
        if !known.isSuperset(of: owners) { Issue.record("\(Set(owners).subtracting(known))") }
    }

    /// Both ends of each connection are in one program: what is given to two has a wrong owner.
    private func checkPeers(_ rows: [TCPConnection], _ owners: [String]) {
        func end(_ address: IPAddress, _ port: UInt16) -> String { "\(address) \(port)" }
        var modules: [String: String] = [:]
        for (row, owner) in zip(rows, owners) where owner.contains(" ") && !row.isListener {
            let local = end(row.localAddress, row.localPort)
            let remote = end(row.remoteAddress, row.remotePort)
            modules[local + " " + remote] = owner
            if let other = modules[remote + " " + local], other != owner {
                Issue.record("\(local) is \(owner)'s, and its peer \(remote) \(other)'s")
            }
        }
    }
}
