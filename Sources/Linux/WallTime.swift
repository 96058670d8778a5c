import Glibc

/// The time of day (`CLOCK_REALTIME`), which may be set.
package struct WallTime: Sendable {
    /// Since 1970.
    package var seconds: Int
    /// Beyond the seconds.
    package var milliseconds: Int

    package init(seconds: Int, milliseconds: Int) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }

    /// The corresponding C function is `clock_gettime`.
    package static func now() -> WallTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// The local time, `12:34:56`.
    package var clockText: String { unsafe formatted("%H:%M:%S", localtime_r) }

    /// The local date and time with the offset to UTC, as RFC 3339 wants it but for a colon.
    package var dateText: String { unsafe formatted("%Y-%m-%dT%H:%M:%S%z", localtime_r) }

    /// RFC 3339, UTC, with milliseconds.
    package var utcText: String {
        let digits = String(milliseconds + 1000).dropFirst()
        let text = unsafe formatted("%Y-%m-%dT%H:%M:%S", gmtime_r)
        return "\(text).\(digits)Z"
    }

    private typealias Calendar = (
        UnsafePointer<time_t>?, UnsafeMutablePointer<tm>?
    ) -> UnsafeMutablePointer<tm>?

    /// The corresponding C function is `strftime`.
    private func formatted(_ format: String, _ calendar: Calendar) -> String {
        var time = time_t(seconds)
        var fields = unsafe tm()
        _ = unsafe calendar(&time, &fields)
        var text = [CChar](repeating: 0, count: 64)
        let byteCount = unsafe strftime(&text, text.count, format, &fields)
        return String(decoding: text[..<byteCount].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
