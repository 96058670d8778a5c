import Exposition
import Linux
import Testing

@testable import Exporter

/// What recent scrapes counted, in bounded memory.
struct ScrapeHistoryTests {
    private let series = ScrapeHistory.Key.module(LabelSet([("module", "a")]), "")

    private func time(_ seconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: seconds * 1_000_000_000)
    }

    /// Scrapes at some seconds, each with a value.
    private func history(_ values: [(seconds: Int64, value: UInt64)]) -> ScrapeHistory {
        var history = ScrapeHistory()
        for (seconds, value) in values {
            history.begin(at: time(seconds))
            history.note(series, value)
        }
        return history
    }

    private func values(_ history: ScrapeHistory, _ key: ScrapeHistory.Key? = nil) -> [UInt32] {
        history.points(of: key ?? series).map(\.value)
    }

    @Test func aPointLastsHalfAMinuteAndHasItsLastValue() {
        let history = history([(0, 1), (5, 2), (29, 3), (30, 4), (59, 5), (60, 6)])
        #expect(values(history) == [3, 5, 6])
        #expect(history.points(of: series).map(\.time) == [time(29), time(59), time(60)])
    }

    @Test func onlyTheLastPointsAreKept() {
        let history = history((0..<200).map { ($0 * 30, UInt64($0)) })
        #expect(values(history) == (136..<200).map(UInt32.init))
    }

    @Test func aSeriesThatWasNotThereWasZero() {
        var history = history([(0, 0), (30, 0), (60, 7)])
        history.begin(at: time(90))
        #expect(values(history) == [0, 0, 7, 0])
    }

    @Test func whatMayNotHaveBeenCountedIsNotKnown() {
        var history = history([(0, 1)])
        history.begin(at: time(30))
        history.noteIncomplete()
        history.begin(at: time(60))
        history.note(series, 3)
        #expect(values(history) == [1, 3])
    }

    @Test func theNumberOfSeriesIsBounded() {
        var history = ScrapeHistory()
        history.begin(at: time(0))
        let keys = (0...ScrapeHistory.seriesMax).map {
            ScrapeHistory.Key.module(LabelSet([("module", "\($0)")]), "")
        }
        for key in keys { history.note(key, 1) }
        #expect(values(history, keys[0]) == [1])
        #expect(values(history, keys[ScrapeHistory.seriesMax]) == [])
    }

    @Test func seriesWithoutAPointMakeRoom() {
        var history = ScrapeHistory()
        for round in 0..<3 {
            for point in 0..<Int64(ScrapeHistory.pointsMax) {
                history.begin(at: time((Int64(round) * 64 + point) * 30))
                guard point == 0 else { continue }
                for index in 0..<ScrapeHistory.seriesMax {
                    history.note(.module(LabelSet([("module", "\(round) \(index)")]), ""), 1)
                }
            }
        }
        history.begin(at: time(3 * 64 * 30))
        history.note(series, 5)
        #expect(values(history).last == 5)
    }

    @Test func aLargeValueIsCut() {
        #expect(values(history([(0, .max)])) == [.max - 1])
    }
}

/// Growth, and leaks: counts that grow and never fall.
struct GrowthTests {
    private func points(_ values: [UInt32], every seconds: Int64 = 30) -> [ScrapeHistory.Point] {
        values.enumerated().map { index, value in
            ScrapeHistory.Point(
                time: MonotonicTime(nanoseconds: Int64(index) * seconds * 1_000_000_000),
                value: value)
        }
    }

    @Test func growthIsFromTheFirstToTheLastPoint() throws {
        let growth = try #require(Growth(points([5, 3, 9])))
        #expect(growth.count == 4 && growth.duration == .seconds(60))
        #expect(Growth(points([5, 9])) == nil)
        #expect(Growth(points([5, 9, 5])) == nil)
        #expect(Growth([]) == nil)
    }

    @Test func growthIsSinceThePointThatIsOldEnough() throws {
        let recent = points([0, 10, 20, 30, 40, 50, 60])
        let growth = try #require(Growth(recent, inTheLast: .seconds(120)))
        #expect(growth.count == 40 && growth.duration == .seconds(120))
        let short = try #require(Growth(points([1, 4]), inTheLast: .seconds(120)))
        #expect(short.count == 3 && short.duration == .seconds(30))
        #expect(Growth(points([4]), inTheLast: .seconds(120)) == nil)
    }

    @Test func aCountThatGrowsAndNeverFallsIsALeak() throws {
        let leak = try #require(Leak.growth(points((0..<64).map { 10 + $0 }), from: 20))
        #expect(leak.count == 63)
        #expect(leak.duration == .seconds(63 * 30))
    }

    @Test(arguments: [
        // Too short, too few, flat, falling, and a burst that stays.
        (0..<10).map { 20 + $0 * 10 }, (0..<64).map { $0 / 4 }, Array(repeating: 50, count: 64),
        (0..<64).map { 100 - $0 }, (0..<64).map { $0 < 20 ? 0 : 90 },
    ]) func anythingElseIsNone(_ values: [Int]) {
        #expect(Leak.growth(points(values.map(UInt32.init)), from: 20) == nil)
    }

    @Test func aShorterMemoryIsEnoughFromFiveMinutesOn() {
        let values = (0..<11).map { UInt32(20 + $0) }
        #expect(Leak.growth(points(values), from: 20) != nil)
        #expect(Leak.growth(points(Array(values.dropLast())), from: 20) == nil)
    }
}
