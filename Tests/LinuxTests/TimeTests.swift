import Glibc
import Testing

@testable import Linux

struct TimeTests {
    @Test func theMonotonicClockNeverGoesBack() {
        var last = MonotonicTime.now
        for _ in 0..<1000 {
            let now = MonotonicTime.now
            #expect(now >= last)
            last = now
        }
    }

    @Test func aMomentMovesByADuration() {
        let moment = MonotonicTime(nanoseconds: 5)
        #expect(moment + .milliseconds(2) == MonotonicTime(nanoseconds: 2_000_005))
        #expect((moment + .milliseconds(2)) - moment == .milliseconds(2))
        #expect(moment + .seconds(Int64.max) == MonotonicTime(nanoseconds: .max))
        #expect(Duration.milliseconds(1500).seconds == 1.5)
    }

    @Test func aTimeoutIsRoundedUpAndNeverNegative() {
        #expect((MonotonicTime.now + .seconds(-5)).millisecondsLeft == 0)
        #expect((MonotonicTime.now + .nanoseconds(1)).millisecondsLeft <= 1)
        #expect((MonotonicTime.now + .seconds(1000)).millisecondsLeft > 900_000)
        #expect(MonotonicTime(nanoseconds: .max).millisecondsLeft == .max)
    }

    @Test func theTimeOfDayIsWrittenInUTC() {
        #expect(WallTime(seconds: 0, milliseconds: 7).utcText == "1970-01-01T00:00:00.007Z")
        #expect(
            WallTime(seconds: 1_709_164_800, milliseconds: 999).utcText
                == "2024-02-29T00:00:00.999Z")
    }
}
