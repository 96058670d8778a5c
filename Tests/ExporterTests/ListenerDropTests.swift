import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

private let dropped = "tcptable_listener_dropped_connections_total"

/// What listeners dropped, as a counter.
struct ListenerDropTests {
    private func listeners(_ cookies: UInt64...) -> [TCPConnection] {
        cookies.map { .row(.listen, port: 80, cookie: $0) }
    }

    private func total(
        _ stage: Stage, _ rows: [TCPConnection], _ counts: [UInt64: UInt32], attempts: UInt64
    ) throws -> [Double] {
        stage.script.next.droppedCounts = counts
        try stage.host.set(listenDropCount: attempts)
        return try stage.scrape(rows).samples(dropped).map(\.value)
    }

    @Test func itNeverFallsWhenAWorkerEnds() throws {
        let stage = try Stage([.listener])
        #expect(try total(stage, listeners(1, 2), [1: 5, 2: 7], attempts: 12) == [12])
        #expect(try total(stage, listeners(2), [2: 8], attempts: 13) == [13])
        #expect(try total(stage, listeners(2, 3), [2: 8, 3: 1], attempts: 14) == [14])
        #expect(try total(stage, listeners(3), [3: 1], attempts: 14) == [14])
    }

    @Test func itBeginsAgainWithAnotherListener() throws {
        let stage = try Stage([.listener])
        #expect(try total(stage, listeners(1), [1: 5], attempts: 5) == [5])
        _ = try stage.scrape([])
        #expect(try total(stage, listeners(2), [2: 1], attempts: 6) == [1])
    }

    /// The kernel's number has 32 bits.
    @Test func itGoesOnWhereTheKernelsNumberStartsAgain() throws {
        let stage = try Stage([.listener])
        let most = UInt32.max
        #expect(
            try total(stage, listeners(1), [1: most], attempts: UInt64(most)) == [Double(most)])
        #expect(
            try total(stage, listeners(1), [1: 4], attempts: UInt64(most) + 5)
                == [Double(most) + 5])
    }

    /// With TCP_DEFER_ACCEPT the kernel counts a packet of each connection.
    @Test func itIsNoMoreThanTheNamespacesAttempts() throws {
        let stage = try Stage([.listener])
        #expect(try total(stage, listeners(1), [1: 1000], attempts: 0) == [0])
        #expect(try total(stage, listeners(1), [1: 2000], attempts: 3) == [3])
        #expect(try total(stage, listeners(1), [1: 3000], attempts: 3) == [3])
    }

    /// The namespace's number is read after the sockets'.
    @Test func attemptsBetweenTheTwoReadingsAreNotLost() throws {
        let stage = try Stage([.listener])
        #expect(try total(stage, listeners(1), [1: 0], attempts: 2) == [0])
        #expect(try total(stage, listeners(1), [1: 2], attempts: 2) == [2])
    }

    @Test func withoutTheListenersAloneThereIsNoSeries() throws {
        let stage = try Stage()
        stage.script.next.listenerError = .overrun(attempts: 3)
        let text = try stage.scrape(listeners(1) + [.row(.established, port: 80)])
        #expect(text[dropped] == nil)
        let success = "tcptable_scrape_collector_success"
        #expect(text.value(success, ["collector": "listener"]) == 0)
        #expect(text.value(success, ["collector": "ephemeral-port"]) == 0)
        #expect(text.value(success, ["collector": "state"]) == 1)
        #expect(text.sum("tcptable_listener_connections") == 1)
        #expect(stage.lastScrape?.problems.count == 1)
    }

    @Test func withoutTheNamespacesNumberThereIsNoSeries() throws {
        let stage = try Stage()
        try stage.host.remove("thread-self/net/netstat")
        let text = try stage.scrape(listeners(1))
        #expect(text[dropped] == nil)
        #expect(
            text.value("tcptable_scrape_collector_success", ["collector": "listener"]) == 0)
    }

    @Test func aSocketThatIsSeenTwiceCountsOnce() throws {
        let stage = try Stage([.listener])
        #expect(try total(stage, listeners(1, 1), [1: 4], attempts: 9) == [4])
        #expect(try total(stage, listeners(1, 1), [1: 5], attempts: 10) == [5])
    }
}
