import Exporter
import Foundation
import TestSupport
import Testing

/// Real sockets in tables of their own.
@Suite(.requires(.networkNamespaces))
struct KernelTableTests {
    @Test(arguments: SocketScenario.allCases, SocketFamily.allCases)
    func everyScenarioIsCountedExactly(
        _ scenario: SocketScenario, _ family: SocketFamily
    ) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            defer { held.close() }
            var scraper = KernelScraper()
            let text = try scraper.read()
            #expect(text.tableRows == visible(held.rows))
            #expect(text.conservationBreaches == [])
            #expect(Int(text.sum("tcptable_offload_connections")) == visible(held.rows).total)
        }
    }

    @Test(.requires(.plainCgroup), arguments: SocketScenario.allCases, SocketFamily.allCases)
    func everyRowStandsUnderItsOwnerOrTheReason(
        _ scenario: SocketScenario, _ family: SocketFamily
    ) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            defer { held.close() }
            var scraper = KernelScraper()
            let text = try scraper.read()
            let rows = visible(held.rows)
            for state in SocketState.allCases {
                let unowned = scenario.hasUnownedRow(state) ? 1 : 0
                #expect(text.ownRows(state) == rows[state] - unowned, "\(state)")
                #expect(text.unownedRows("not_found", state) == unowned, "\(state)")
            }
            #expect(text.sum("tcptable_unattributed_connections") <= 1)
        }
    }

    @Test func aListenersQueueIsSeen() throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(.notAccepted, .ipv4)
            defer { held.close() }
            var scraper = KernelScraper()
            let text = try scraper.read()
            let queues = text.samples("tcptable_listener_backlog_connections")
            #expect(queues.map(\.value) == [1])
            #expect(queues.first?["port"] == "\(held.localPort)")
            #expect(text.sum("tcptable_listener_backlog_limit_connections") == 16)
        }
    }

    @Test func aModulesSeriesOutliveItsConnections() throws {
        try inNewNetworkNamespace {
            var scraper = KernelScraper()
            let held = try HeldSockets(.established, .ipv4)
            #expect(try scraper.read().sum("tcptable_module_connections") == 2)
            held.close()
            let text = try scraper.read()
            #expect(text.samples("tcptable_module_connections").map(\.value) == [0])
            #expect(text.sum("tcptable_connections") == 0)
        }
    }

    @Test func everythingAtOnceIsCountedExactly() throws {
        try inNewNetworkNamespace {
            let held = try SocketFamily.allCases.flatMap { family in
                try SocketScenario.allCases.map { try HeldSockets($0, family) }
            }
            defer { for sockets in held { sockets.close() } }
            var scraper = KernelScraper()
            let text = try scraper.read()
            #expect(text.tableRows == visible(held.map(\.rows).reduce(TableRows(), +)))
            #expect(text.conservationBreaches == [])
        }
    }

    @Test(.requires(.ss), arguments: [[], ["--ipv6"]])
    func countsAreThoseOfSS(_ options: [String]) throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["200", "3"] + options)
            try load.awaitOutput("ready 400\n")
            let held = try SocketFamily.allCases.map { try HeldSockets(.timeWait, $0) }
            defer { for sockets in held { sockets.close() } }
            var scraper = KernelScraper()
            #expect(try scraper.read().tableRows == rowsOfSS())
            load.endInput()
            #expect(try load.wait().status == .exited(0))
        }
    }

    /// Every single exposition is right in itself, whatever happens while it is made.
    @Test(.slow) func nothingIsLostOrCountedTwiceWhileSocketsChurn() throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["100", "2", "--churn"])
            try load.awaitOutput("ready 200\n")
            var scraper = KernelScraper()
            var totals: Set<Double> = []
            for _ in 0..<200 {
                let text = try scraper.read()
                #expect(text.conservationBreaches == [])
                totals.insert(text.sum("tcptable_connections"))
            }
            #expect((totals.min() ?? 0) >= 200)
            load.send(SIGTERM)
            _ = try load.wait()
        }
    }
}

/// The rows that a dump of this kernel can show.
private func visible(_ rows: TableRows) -> TableRows {
    kernelListsBoundSockets ? rows : rows.without(.close)
}

extension SocketScenario {
    /// Whether one of the scenario's rows in that state belongs to nobody any more.
    fileprivate func hasUnownedRow(_ state: SocketState) -> Bool {
        switch (self, state) {
        case (.timeWait, .timeWait), (.orphanedFinWait1, .finWait1), (.orphanedFinWait2, .finWait2):
            true
        default: false
        }
    }
}

/// The calling thread's TCP table as `ss -tan` lists it.
private func rowsOfSS() throws -> TableRows {
    let names: [String: SocketState] = [
        "ESTAB": .established, "TIME-WAIT": .timeWait, "LISTEN": .listen,
    ]
    var rows = TableRows()
    for (family, option) in [(SocketFamily.ipv4, "-4"), (.ipv6, "-6")] {
        for line in try run("ss", ["-tanH", option]).standardOutput.split(separator: "\n") {
            let state = try #require(names[String(line.prefix { $0 != " " })])
            rows[family, state] += 1
        }
    }
    return rows
}
