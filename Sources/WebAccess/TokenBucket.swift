import WebConfiguration

/// Lets requests pass at a rate, and some at once after a pause.
struct TokenBucket {
    private let limit: RateLimit
    private var tokens: Double
    /// When `tokens` was true.
    private var asOfSeconds: Double

    /// Full from the start.
    init(_ limit: RateLimit, nowSeconds: Double) {
        self.limit = limit
        tokens = Double(limit.burst)
        asOfSeconds = nowSeconds
    }

    /// Whether it is of that limit.
    func isOf(_ limit: RateLimit) -> Bool { self.limit == limit }

    /// Takes a token if there is one.
    mutating func admits(nowSeconds: Double) -> Bool {
        let passed = max(0, nowSeconds - asOfSeconds)
        tokens = min(Double(limit.burst), tokens + passed / limit.intervalSeconds)
        asOfSeconds = max(asOfSeconds, nowSeconds)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
