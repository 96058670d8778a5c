import Glibc

/// A moment, in milliseconds of a clock that nobody sets; good for differences only.
///
/// The clock is the kernel's coarse one (`CLOCK_MONOTONIC_COARSE`): it is asked several times a request,
/// and a few milliseconds do not matter to limits of seconds.
struct MonotonicTime: Comparable, Hashable {
    let milliseconds: Int64

    /// The corresponding C function is `clock_gettime`.
    static var now: MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return MonotonicTime(
            milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }

    static func + (time: Self, milliseconds: Int64) -> Self {
        MonotonicTime(milliseconds: time.milliseconds + milliseconds)
    }
}
