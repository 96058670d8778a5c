package import Linux

/// The time; tests replace it.
package struct WebConfigurationClock: Sendable {
    /// The monotonic time.
    package var monotonic: @Sendable () -> MonotonicTime
    /// Seconds since 1970.
    package var wallSeconds: @Sendable () -> Double

    package init(
        monotonic: @escaping @Sendable () -> MonotonicTime,
        wallSeconds: @escaping @Sendable () -> Double
    ) {
        self.monotonic = monotonic
        self.wallSeconds = wallSeconds
    }

    package static let real = WebConfigurationClock(
        monotonic: { .now },
        wallSeconds: {
            let time = WallTime.now()
            return Double(time.seconds) + Double(time.milliseconds) / 1000
        })
}
