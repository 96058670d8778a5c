import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Exporter

struct SingleFlightTests {
    @Test func aHundredRequestsDuringOneRunAreOneRun() throws {
        let gate = DispatchSemaphore(value: 0)
        let runs = Mutex(0)
        let flight = try SingleFlight<Int>(timeMax: .seconds(3600)) {
            gate.wait()
            return runs.withLock { runs in
                runs += 1
                return runs
            }
        }
        let arrivals = Arrivals()
        DispatchQueue.concurrentPerform(iterations: 100) { _ in flight.request(arrivals.add) }
        gate.signal()
        #expect(arrivals.await(100) == Array(repeating: 1, count: 100))
        flight.request(arrivals.add)
        gate.signal()
        #expect(arrivals.await(101).last == 2)
        #expect(runs.withLock { $0 } == 2)
    }

    @Test func everyRequestIsAnsweredOnceAndNoTwoRunsOverlap() throws {
        let underWay = Mutex(0)
        let overlaps = Mutex(0)
        let flight = try SingleFlight<Int>(timeMax: .seconds(3600)) {
            let before = underWay.withLock { count in
                count += 1
                return count - 1
            }
            overlaps.withLock { $0 += before }
            usleep(50)
            underWay.withLock { $0 -= 1 }
            return 1
        }
        let arrivals = Arrivals()
        DispatchQueue.concurrentPerform(iterations: 1_000) { _ in flight.request(arrivals.add) }
        #expect(arrivals.await(1_000).count == 1_000)
        #expect(overlaps.withLock { $0 } == 0)
    }

    @Test func waitersThatHaveGoneAreRemovedWhileTheWorkLasts() throws {
        let gate = DispatchSemaphore(value: 0)
        let flight = try SingleFlight<Int>(timeMax: .seconds(3600)) {
            gate.wait()
            return 1
        }
        let arrivals = Arrivals()
        let strangers = Arrivals()
        for _ in 0..<100 { flight.request(arrivals.add) }
        for _ in 0..<10_000 { flight.request(while: { false }, strangers.add) }
        #expect(flight.waiterCount <= 200)
        gate.signal()
        #expect(arrivals.await(100).count == 100)
        // The next work has waiters of its own.
        flight.request(arrivals.add)
        gate.signal()
        #expect(arrivals.await(101).count == 101)
        #expect(strangers.await(0) == [])
    }

    @Test func aResultIsDeliveredFromAnotherThread() throws {
        let caller = pthread_self()
        let arrivals = Arrivals()
        let flight = try SingleFlight<Int>(timeMax: .seconds(3600)) {
            pthread_equal(pthread_self(), caller) != 0 ? 1 : 2
        }
        flight.request(arrivals.add)
        #expect(arrivals.await(1) == [2])
    }

    /// However many ask while it hangs: none waits, and no other work is started.
    @Test func workThatHangsIsGivenUpUntilItEnds() throws {
        let gate = DispatchSemaphore(value: 0)
        let (runs, reports) = (Arrivals(), Arrivals())
        let flight = try SingleFlight<Int>(
            timeMax: .milliseconds(20), report: { reports.add($0 ? 1 : 0) },
            work: {
                runs.add(1)
                gate.wait()
                return 7
            })
        let (delivered, abandoned) = (Arrivals(), Arrivals())
        let ask = { flight.request(delivered.add) { abandoned.add(1) } }
        for _ in 0..<3 { ask() }
        #expect(abandoned.await(3).count == 3)
        for _ in 0..<100 { ask() }
        // At once, on the thread of whoever asked.
        #expect(abandoned.await(0).count == 103)
        #expect(runs.await(0) == [1] && reports.await(0) == [1])
        gate.signal()
        #expect(reports.await(2) == [1, 0])
        gate.signal()
        ask()
        #expect(delivered.await(1) == [7])
        #expect(abandoned.await(0).count == 103)
    }

    @Test func slowWorkThatMakesProgressIsWaitedFor() throws {
        let progress = ScrapeProgress()
        let (delivered, abandoned) = (Arrivals(), Arrivals())
        // Twice as long as it may go without progress.
        let flight = try SingleFlight<Int>(timeMax: .milliseconds(500), progress: progress) {
            for _ in 0..<40 {
                usleep(25_000)
                progress.note()
            }
            return 7
        }
        flight.request(delivered.add) { abandoned.add(1) }
        #expect(delivered.await(1) == [7])
        #expect(abandoned.await(0) == [])
    }
}

/// What was delivered, on whatever thread.
private final class Arrivals: Sendable {
    private let values = Mutex<[Int]>([])

    @Sendable func add(_ value: Int) { values.withLock { $0.append(value) } }

    /// Waits for that many, ten seconds at most.
    func await(_ count: Int) -> [Int] {
        let deadline = ContinuousClock.now + .seconds(10)
        while values.withLock({ $0.count }) < count && ContinuousClock.now < deadline {
            usleep(500)
        }
        return values.withLock { $0 }
    }
}
