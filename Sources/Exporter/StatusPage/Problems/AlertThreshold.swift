/// A threshold of `dashboards/alerts.yml`, by which the page says what is a problem. A test compares both.
package struct AlertThreshold: Sendable {
    /// The alerts, and the records that alerts are about, that compare with it.
    package let rules: [String]
    package let value: Double
    /// Whether the value itself reaches it.
    package let isInclusive: Bool

    private init(_ rules: String..., from value: Double) {
        (self.rules, self.value, isInclusive) = (rules, value, true)
    }

    private init(_ rules: String..., above value: Double) {
        (self.rules, self.value, isInclusive) = (rules, value, false)
    }

    func isReached(by value: Double) -> Bool {
        isInclusive ? value >= self.value : value > self.value
    }
}

extension AlertThreshold {
    private static let queueRatio = "listener:tcptable_listener_backlog_connections:ratio"
    private static let queueDrops = "listener:tcptable_listener_dropped_connections:increase2m"

    static let closeWaitLeak = AlertThreshold("TCPCloseWaitLeak", from: 20)
    static let closeWait = AlertThreshold("TCPCloseWaitHigh", from: 100)
    /// Of established connections as well, of which there are then enough.
    static let synSent = AlertThreshold("TCPSynSentHigh", from: 50)
    /// A part of all ephemeral ports.
    static let ephemeralPorts = AlertThreshold("TCPEphemeralPortsLow", above: 0.8)
    static let closing = AlertThreshold("TCPFinWait1High", from: 1000)
    static let finWait2 = AlertThreshold("TCPFinWait2High", from: 100)
    /// The connections in an accept queue, and its limit: smaller ones are left out.
    static let queueLength = AlertThreshold(queueRatio, above: 12)
    static let queueLimit = AlertThreshold(queueRatio, queueDrops, from: 16)
    /// Parts of the limit.
    static let queueNearLimit = AlertThreshold(queueRatio, above: 0.8)
    static let queueFull = AlertThreshold("TCPAcceptQueueFull", "TCPAcceptQueueNearLimit", above: 1)
    /// Dropped handshakes, within `dropsDuration`.
    static let drops = AlertThreshold(queueDrops, from: 10)
    /// Half open handshakes, to which drops are then due.
    static let synRecv = AlertThreshold("TCPSynRecvHigh", "TCPAcceptQueueFull", from: 128)

    /// All of them.
    package static let all = [
        closeWaitLeak, closeWait, synSent, ephemeralPorts, closing, finWait2, queueLength,
        queueLimit, queueNearLimit, queueFull, drops, synRecv,
    ]

    /// How long drops are counted.
    package static let dropsDuration = Duration.seconds(120)
    /// How long the lowest count of a leak is above the highest one before.
    package static let leakDuration = Duration.seconds(15 * 60)
}
