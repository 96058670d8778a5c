import Glibc

/// The time of day.
struct WallTime {
    /// Since 1970.
    var seconds: Int
    var milliseconds: Int

    static func now() -> WallTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// The local time, `12:34:56`.
    var clockText: String { text("%H:%M:%S") }

    /// The local date and time with the offset to UTC, as RFC 3339 wants it but for a colon.
    var dateText: String { text("%Y-%m-%dT%H:%M:%S%z") }

    private func text(_ format: String) -> String {
        var time = time_t(seconds)
        var fields = unsafe tm()
        unsafe localtime_r(&time, &fields)
        var text = [CChar](repeating: 0, count: 64)
        let count = unsafe strftime(&text, text.count, format, &fields)
        return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A moment on a clock that nobody sets (`CLOCK_MONOTONIC`), in milliseconds.
struct Moment: Comparable {
    private var milliseconds: Int

    static func now() -> Moment {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    func advanced(by milliseconds: Int) -> Moment {
        Moment(milliseconds: self.milliseconds + milliseconds)
    }

    /// Until then, 0 if it has passed: a timeout of poll(2).
    var millisecondsLeft: Int32 {
        Int32(clamping: max(0, milliseconds - Moment.now().milliseconds))
    }

    static func < (a: Moment, b: Moment) -> Bool { a.milliseconds < b.milliseconds }
}
