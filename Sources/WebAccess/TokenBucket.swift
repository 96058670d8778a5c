import Linux
import WebConfiguration

/// Limits the rate of requests, with a burst after a pause.
struct TokenBucket {
    private let limit: RateLimit
    private var tokens: Double
    /// When `tokens` was true.
    private var updateTime: MonotonicTime

    /// Full from the start.
    init(_ limit: RateLimit, at now: MonotonicTime) {
        self.limit = limit
        tokens = Double(limit.burst)
        updateTime = now
    }

    /// Whether it is of that limit.
    func isOf(_ limit: RateLimit) -> Bool { self.limit == limit }

    /// Takes a token if there is one.
    mutating func admits(at now: MonotonicTime) -> Bool {
        let passedSeconds = max(0, (now - updateTime).seconds)
        tokens = min(Double(limit.burst), tokens + passedSeconds / limit.intervalSeconds)
        updateTime = max(updateTime, now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
