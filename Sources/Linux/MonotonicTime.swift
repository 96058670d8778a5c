import Glibc

/// A moment on the monotonic clock (`CLOCK_MONOTONIC`), which nobody can set; good for differences only.
package struct MonotonicTime: Comparable, Hashable, Sendable {
    /// Since some moment before the system's start.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The corresponding C function is `clock_gettime`.
    package static var now: MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Milliseconds until then, rounded up, 0 if it has passed: a timeout of `poll(2)`.
    package var millisecondsLeft: Int32 {
        let nanosecondsLeft = max(0, nanoseconds - MonotonicTime.now.nanoseconds)
        return Int32(clamping: (nanosecondsLeft + 999_999) / 1_000_000)
    }

    package static func < (one: Self, other: Self) -> Bool { one.nanoseconds < other.nanoseconds }

    /// A time that is not reached in 292 years is that far away.
    package static func + (time: Self, duration: Duration) -> Self {
        let nanoseconds = Int64(clamping: duration.attoseconds / 1_000_000_000)
        let (sum, isOverflow) = time.nanoseconds.addingReportingOverflow(nanoseconds)
        return MonotonicTime(nanoseconds: isOverflow ? .max : sum)
    }

    package static func - (one: Self, other: Self) -> Duration {
        .nanoseconds(one.nanoseconds - other.nanoseconds)
    }
}

extension Duration {
    package var seconds: Double { self / .seconds(1) }
}

/// Time passed since it was made.
package struct Stopwatch: Sendable {
    private let start = MonotonicTime.now

    package init() {}

    package var seconds: Double { (MonotonicTime.now - start).seconds }
}
