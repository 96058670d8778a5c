import ArgumentParser
import MetricsServer

/// How much is given to clients. `--web.max-requests`, which other exporters have too, is in `WebOptions`.
struct LimitOptions: ParsableArguments {
    private static let defaults = ServerLimits()
    /// A day: beyond, nobody is served by waiting.
    private static let timeoutSecondsMax = 86_400
    /// A tenth of the descriptors that Linux gives to one process at most, by default.
    private static let connectionsMax = 100_000
    /// Every connection may take that much memory.
    private static let headerBytesRange = 4096...1_048_576

    @Option(
        name: .customLong("web.max-connections"),
        help: ArgumentHelp(
            "Connections open at once. For a new one beyond these the longest idle is closed, or one "
                + "whose client is slow; if there is none, the new one.",
            valueName: "count"))
    var connections = defaults.connectionsMax

    @Option(
        name: .customLong("web.max-connections-per-client"),
        help: ArgumentHelp(
            "Connections open at once from one IPv4 address, or one IPv6 network of 64 bits; others "
                + "are closed. 0 sets no limit.",
            valueName: "count"))
    var connectionsPerClient = defaults.connectionsPerClientMax

    @Option(
        name: .customLong("web.idle-timeout"),
        help: ArgumentHelp(
            "Seconds without a byte after which a connection is closed. 0 is never.",
            valueName: "seconds"))
    var idleTimeout = defaults.idleTimeoutSeconds

    @Option(
        name: .customLong("web.request-timeout"),
        help: ArgumentHelp(
            "Seconds that a client has, beyond the idle timeout, to send a request, and again to take "
                + "its answer, however steadily it does; making the answer does not count. 0 sets no "
                + "limit.",
            valueName: "seconds"))
    var requestTimeout = defaults.requestTimeoutSeconds

    @Option(
        name: .customLong("web.max-header-bytes"),
        help: ArgumentHelp(
            "Memory for a request's line and headers with what is known of each; larger ones are "
                + "answered 414 or 431.",
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
                "--web.\(name) \(value) must be from \(range.lowerBound) to \(range.upperBound).")
        }
    }
}
