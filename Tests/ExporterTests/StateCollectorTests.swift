import Exporter
import TableFakes
import TestSupport
import Testing

@testable import TCPModel

struct StateCollectorTests {
    @Test func eachRowIsCountedInItsFamilyAndState() throws {
        var rows: [TCPConnection] = []
        for (index, state) in TCPState.allCases.enumerated() {
            rows += (0...index).map { _ in .row(state) }
            rows += (0..<2 * index).map { _ in .row(state, at: "::1") }
        }
        let text = try scrape(rows.shuffled())
        for (index, state) in TCPState.allCases.enumerated() {
            let label = state.label.description
            #expect(connections(text, "ipv4", label) == Double(index + 1))
            #expect(connections(text, "ipv6", label) == Double(2 * index))
        }
    }

    @Test func rowsOfAnAbandonedAttemptDoNotCount() throws {
        let stage = try Stage()
        stage.script.next.abandonedAttempts = [
            [.row(.established, inode: 5), .row(.timeWait), .row(.listen)]
        ]
        let text = try stage.scrape([.row(.established, inode: 6)])
        #expect(text.tableRows == TableRows(.ipv4, [.established: 1]))
        #expect(text.sum("tcptable_unattributed_connections") == 1)
        #expect(text.samples("tcptable_listener_backlog_connections").isEmpty)
    }

    @Test func nothingIsKeptFromOneScrapeToTheNext() throws {
        let stage = try Stage()
        _ = try stage.scrape([.row(.established), .row(.listen, at: "::")])
        let text = try stage.scrape([])
        #expect(text.tableRows == TableRows())
        #expect(text.sum("tcptable_unattributed_connections") == 0)
        #expect(text.sum("tcptable_ephemeral_ports_used") == 0)
    }

    private func connections(_ text: MetricsText, _ family: String, _ state: String) -> Double? {
        text.value("tcptable_connections", ["family": family, "state": state])
    }
}
