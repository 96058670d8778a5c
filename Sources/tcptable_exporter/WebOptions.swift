import ArgumentParser
import Exporter
import MetricsServer

/// How metrics are served.
struct WebOptions: ParsableArguments {
    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp(
            "Address to listen on: host:port, :port, or unix:path with an optional ,mode=0660. Can be "
                + "repeated. (default: :10793)",
            valueName: "address"),
        transform: { (text) throws in try ListenAddress(parsing: text) })
    var listenAddressesGiven: [ListenAddress] = []

    @Flag(
        name: .customLong("web.systemd-socket"),
        help: "Use systemd socket activation listeners instead of port listeners.")
    var usesSystemdSockets = false

    @Option(
        name: .customLong("web.telemetry-path"),
        help: ArgumentHelp("Path under which to expose metrics.", valueName: "path"))
    var telemetryPath = "/metrics"

    @Option(
        name: .customLong("web.route-prefix"),
        help: ArgumentHelp(
            "Prefix of all paths, for a reverse proxy that passes the path on as it is. Requests of / "
                + "are redirected to it. (default: /)",
            valueName: "path"),
        transform: { (text) throws in try RoutePrefix(parsing: text) })
    var routePrefix = RoutePrefix.none

    @Option(
        name: .customLong("web.config.file"),
        help: ArgumentHelp(
            "Configuration file for TLS, authentication, rate limit and headers, in the format of "
                + "Prometheus' exporter-toolkit. It is reloaded when it changes.",
            valueName: "path"),
        completion: .file())
    var configFile: String?

    @Option(
        name: .customLong("web.max-requests"),
        help: ArgumentHelp(
            "Maximum number of parallel requests. Further ones wait for up to 10 seconds, then get "
                + "the status 503. Use 0 to disable.",
            valueName: "count"))
    var maxRequests = ServerLimits().maxRequests

    @Flag(
        name: .customLong("web.disable-exporter-metrics"),
        help: """
            Exclude metrics about the exporter itself (process_*, tcptable_http_*).
            """)
    var disablesExporterMetrics = false

    /// The default port is outside the range 9100 to 9999, which is fully allocated to other exporters.
    var listenAddresses: [ListenAddress] {
        get throws {
            if usesSystemdSockets { return try InheritedSockets.take() }
            return listenAddressesGiven.isEmpty
                ? [try ListenAddress(parsing: ":10793")] : listenAddressesGiven
        }
    }

    var limits: ServerLimits {
        var limits = ServerLimits()
        limits.maxRequests = maxRequests
        return limits
    }

    func validate() throws {
        guard telemetryPath.hasPrefix("/"), !telemetryPath.hasPrefix("//"),
            telemetryPath.utf8.allSatisfy(RoutePrefix.isPathByte)
        else {
            throw ValidationError(
                "--web.telemetry-path '\(telemetryPath)' must start with a single '/' and contain "
                    + "only letters, digits and -._~/.")
        }
        guard !ExporterService.reservedPaths.contains(telemetryPath) else {
            throw ValidationError(
                "--web.telemetry-path '\(telemetryPath)' is already in use by the exporter.")
        }
        guard !usesSystemdSockets || listenAddressesGiven.isEmpty else {
            throw ValidationError(
                "--web.systemd-socket and --web.listen-address cannot be used together.")
        }
        guard maxRequests >= 0 else {
            throw ValidationError("--web.max-requests \(maxRequests) must not be negative.")
        }
    }
}

extension RoutePrefix {
    /// The error is for the command line.
    fileprivate init(parsing text: String) throws {
        guard let prefix = RoutePrefix(text) else {
            throw ValidationError(
                "--web.route-prefix '\(text)' must be a path of letters, digits and -._~/, without "
                    + "empty segments, '.' and '..'.")
        }
        self = prefix
    }
}
