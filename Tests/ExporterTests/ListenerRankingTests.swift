import HostFakes
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import TCPModel

private let backlog = "tcptable_listener_backlog_connections"
private let sockets = "tcptable_listener_sockets"
private let dropped = "tcptable_listener_dropped_connections_total"

/// Which listeners have series when there are more than fit.
struct ListenerRankingTests {
    private func stage(_ limit: Int) throws -> Stage {
        try Stage([.listener, .state]) { $0.listenerLimit = limit }
    }

    private func ports(_ text: MetricsText) -> [String] {
        text.samples(sockets).map { $0["port"] }
    }

    private func idle(_ ports: ClosedRange<UInt16>) -> [TCPConnection] {
        ports.map { .row(.listen, port: $0, cookie: UInt64($0), queues: (0, 64)) }
    }

    @Test(arguments: [0, 1, 3, 500, Int.max])
    func theLimitIsTheOptions(_ limit: Int) throws {
        let text = try stage(limit).scrape(idle(1...600))
        let shown = ports(text).filter { $0 != "other" }
        #expect(shown.count == min(limit, 600))
        #expect(text.sum(sockets) == 600)
        #expect(text.value("tcptable_listeners_folded") == Double(max(0, 600 - min(limit, 600))))
    }

    @Test func idleOnesDoNotHideAFullOne() throws {
        let stage = try Stage([.listener])
        _ = try stage.scrape(idle(1...520))
        let text = try stage.scrape(
            idle(1...520) + [.row(.listen, port: 5432, queues: (65, 64))])
        #expect(text.samples(backlog).filter { $0["port"] == "5432" }.map(\.value) == [65])
        #expect(text.value("tcptable_listeners_folded") == 21)
    }

    @Test func fullOnesComeBeforeThoseThatDroppedAndTheseBeforeTheBusiest() throws {
        let stage = try stage(2)
        try stage.host.set(listenDropCount: 5)
        stage.script.next.droppedCounts = [7: 5]
        let busy = (0..<200).map { _ in TCPConnection.row(.established, port: 3) }
        let rows = idle(1...20) + busy + [.row(.listen, port: 900, queues: (2, 1))]
        #expect(ports(try stage.scrape(rows)) == ["7", "900", "other"])
        stage.script.next.droppedCounts = [:]
        let fresh = try self.stage(2)
        #expect(ports(try fresh.scrape(rows)) == ["3", "900", "other"])
    }

    /// A small queue is filled for nothing; a service with a large one is not hidden by that.
    @Test func manySmallFullQueuesDoNotHideALargeOne() throws {
        let stage = try stage(10)
        let small = (1...20).map { TCPConnection.row(.listen, port: $0, queues: (17, 16)) }
        _ = try stage.scrape(small)
        let text = try stage.scrape(small + [.row(.listen, port: 443, queues: (512, 511))])
        #expect(ports(text).contains("443"))
    }

    @Test func fewerOrMoreConnectionsDoNotMakeSeriesComeAndGo() throws {
        let stage = try stage(5)
        let listeners = idle(1...10)
        let first = ports(try stage.scrape(listeners))
        for _ in 0..<50 {
            let connections = (1...10).flatMap { port in
                (0..<Int.random(in: 0...3)).map { _ in
                    TCPConnection.row(.established, port: UInt16(port))
                }
            }
            #expect(ports(try stage.scrape(listeners + connections)) == first)
        }
    }

    @Test func whatIsFoldedKeepsItsSumsAndTheFullestQueue() throws {
        let stage = try stage(0)
        try stage.host.set(listenDropCount: 3)
        stage.script.next.droppedCounts = [1: 1, 2: 2]
        let text = try stage.scrape(
            idle(1...4) + [.row(.listen, port: 9, queues: (3, 128)), .row(.established, port: 2)])
        #expect(text.samples(backlog).map(\.value) == [3])
        #expect(text.samples(sockets).map(\.value) == [5])
        #expect(text.samples(dropped).map(\.value) == [3])
        #expect(text.sum("tcptable_listener_connections") == 1)
    }
}

struct SeriesPlacesTests {
    @Test func theGreatestHavePlaces() {
        var places = SeriesPlaces<String>(limit: 2)
        places.update(["a": 1, "b": 3, "c": 2])
        #expect(["a", "b", "c"].filter(places.contains) == ["b", "c"])
    }

    @Test func whoHasAPlaceKeepsItUntilAnotherIsFourTimesGreater() {
        var places = SeriesPlaces<String>(limit: 1)
        places.update(["a": 10])
        places.update(["a": 10, "b": 43])
        #expect(places.contains("a"))
        places.update(["a": 10, "b": 44])
        #expect(places.contains("b") && !places.contains("a"))
        places.update(["a": 44, "b": 11])
        #expect(places.contains("b"))
    }

    /// Weights come and go in each scrape.
    @Test func whatOneWeighedLatelyCounts() {
        var places = SeriesPlaces<String>(limit: 1)
        places.update(["a": 1000])
        places.update(["a": 0, "b": 100])
        #expect(places.contains("a"))
        for _ in 0..<100 { places.update(["a": 0, "b": 100]) }
        #expect(places.contains("b"))
    }

    @Test func whoIsGoneLeavesHisPlace() {
        var places = SeriesPlaces<String>(limit: 1)
        places.update(["a": 100])
        places.update(["b": 1])
        #expect(places.contains("b") && !places.contains("a"))
    }

    @Test func thereAreNeverMoreThanFitAndNoPlaceStaysFree() {
        var random = SystemRandomNumberGenerator()
        var places = SeriesPlaces<Int>(limit: 10)
        for _ in 0..<200 {
            var candidates: [Int: UInt64] = [:]
            for key in 0..<30 where Bool.random(using: &random) {
                candidates[key] = UInt64.random(in: 0...100, using: &random)
            }
            places.update(candidates)
            let kept = (0..<30).filter(places.contains)
            #expect(kept.count == min(10, candidates.count))
            #expect(kept.allSatisfy { candidates[$0] != nil })
        }
    }
}
