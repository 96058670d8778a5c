import ArgumentParser
import MetricsServer

/// Limits on what clients can use. `--web.max-requests`, which other exporters have too, is in
/// `WebOptions`.
struct LimitOptions: ParsableArguments {
    private static let defaults = ServerLimits()
    /// One day.
    private static let timeoutSecondsMax = 86_400
    /// A tenth of Linux' default for the descriptors of one process (`fs.nr_open`).
    private static let connectionsMax = 100_000
    /// Every connection can use this much memory.
    private static let headerBytesRange = 4096...1_048_576

    @Option(
        name: .customLong("web.max-connections"),
        help: ArgumentHelp(
            "Maximum number of open connections. A new one beyond it replaces the longest idle "
                + "connection or one with a slow client; without either, it is closed.",
            valueName: "count"))
    var connections = defaults.connectionsMax

    @Option(
        name: .customLong("web.max-connections-per-client"),
        help: ArgumentHelp(
            "Maximum number of open connections per client, an IPv4 address or an IPv6 /64 network. "
                + "Use 0 to disable.",
            valueName: "count"))
    var connectionsPerClient = defaults.connectionsPerClientMax

    @Option(
        name: .customLong("web.idle-timeout"),
        help: ArgumentHelp(
            "Close connections that are idle for this long. Use 0 to disable.",
            valueName: "seconds"))
    var idleTimeout = defaults.idleTimeoutSeconds

    @Option(
        name: .customLong("web.request-timeout"),
        help: ArgumentHelp(
            "Maximum time to receive a request, and to send its response, in addition to the idle "
                + "timeout. Use 0 to disable.",
            valueName: "seconds"))
    var requestTimeout = defaults.requestTimeoutSeconds

    @Option(
        name: .customLong("web.max-header-bytes"),
        help: ArgumentHelp(
            "Maximum memory for a request line and headers. Larger requests get the status 414 or "
                + "431.",
            valueName: "bytes"))
    var headerBytes = defaults.headerBytesMax

    func apply(to limits: inout ServerLimits) {
        limits.connectionsMax = connections
        limits.connectionsPerClientMax = connectionsPerClient
        limits.idleTimeoutSeconds = idleTimeout
        limits.requestTimeoutSeconds = requestTimeout
        limits.headerBytesMax = headerBytes
    }

    func validate() throws {
        try check("max-connections", connections, 1...Self.connectionsMax)
        try check("max-connections-per-client", connectionsPerClient, 0...Self.connectionsMax)
        try check("idle-timeout", idleTimeout, 0...Self.timeoutSecondsMax)
        try check("request-timeout", requestTimeout, 0...Self.timeoutSecondsMax)
        try check("max-header-bytes", headerBytes, Self.headerBytesRange)
    }

    private func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw ValidationError(
                "--web.\(name) \(value) must be between \(range.lowerBound) and "
                    + "\(range.upperBound).")
        }
    }
}
