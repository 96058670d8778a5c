import Glibc

/// The time; tests put another in its place.
package struct WebConfigurationClock: Sendable {
    /// Seconds of a clock that nobody sets (`CLOCK_MONOTONIC`).
    package var steadySeconds: @Sendable () -> Double
    /// Seconds since 1970.
    package var calendarSeconds: @Sendable () -> Double

    package init(
        steadySeconds: @escaping @Sendable () -> Double,
        calendarSeconds: @escaping @Sendable () -> Double
    ) {
        self.steadySeconds = steadySeconds
        self.calendarSeconds = calendarSeconds
    }

    package static let real = WebConfigurationClock(
        steadySeconds: { seconds(of: CLOCK_MONOTONIC) },
        calendarSeconds: { seconds(of: CLOCK_REALTIME) })
}

private func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
