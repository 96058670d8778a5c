import Linux
import Testing
import WebConfiguration

@testable import WebAccess

struct TokenBucketTests {
    private let limit = RateLimit(intervalSeconds: 0.5, burst: 3)

    private func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: 0) + .seconds(seconds)
    }

    private func admitted(_ bucket: inout TokenBucket, _ count: Int, at seconds: Double) -> Int {
        (0..<count).count { _ in bucket.admits(at: time(seconds)) }
    }

    @Test func aBurstIsAdmittedAndThenOneEachInterval() {
        var bucket = TokenBucket(limit, at: time(10))
        #expect(admitted(&bucket, 10, at: 10) == 3)
        #expect(admitted(&bucket, 10, at: 10.25) == 0)
        #expect(admitted(&bucket, 10, at: 10.5) == 1)
        #expect(admitted(&bucket, 10, at: 11) == 1)
        #expect(admitted(&bucket, 10, at: 12) == 2)
    }

    @Test func aPauseSavesNoMoreThanTheBurst() {
        var bucket = TokenBucket(limit, at: time(0))
        #expect(admitted(&bucket, 10, at: 1e6) == 3)
        #expect(admitted(&bucket, 10, at: 1e6) == 0)
    }

    @Test func whoAsksAllTheTimeGetsTheRate() {
        var bucket = TokenBucket(limit, at: time(0))
        let count = (0..<6400).count { bucket.admits(at: time(Double($0) / 64)) }
        #expect(count == 3 + 199)
    }

    @Test func aClockThatSeemsToGoBackGivesNothingAway() {
        var bucket = TokenBucket(limit, at: time(10))
        #expect(admitted(&bucket, 3, at: 10) == 3)
        #expect(admitted(&bucket, 3, at: 5) == 0)
        #expect(admitted(&bucket, 3, at: 10.5) == 1)
    }
}
