import ArgumentParser
import Exporter
import Logging
import MetricsServer
import Procfs

/// Where and how metrics are served.
struct WebOptions: ParsableArguments {
    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp(
            "Address to listen on: host:port, :port, or unix:path, to which ,mode=0660 or other "
                + "permission bits can be added; can be given several times. (default: :10793)",
            valueName: "address"),
        transform: { (text) throws in try ListenAddress(parsing: text) })
    var listenAddressesGiven: [ListenAddress] = []

    @Flag(
        name: .customLong("web.systemd-socket"),
        help: "Listen on the sockets that systemd passes (a .socket unit), and on no others.")
    var usesSystemdSockets = false

    @Option(
        name: .customLong("web.telemetry-path"),
        help: ArgumentHelp("Path under which metrics are given.", valueName: "path"))
    var telemetryPath = "/metrics"

    @Option(
        name: .customLong("web.config.file"),
        help: ArgumentHelp(
            "File of users, rate limit, headers and TLS, in the format of Prometheus' "
                + "exporter-toolkit; read again when it changes.",
            valueName: "path"))
    var configFile: String?

    @Option(
        name: .customLong("web.max-requests"),
        help: ArgumentHelp(
            "Maximum number of requests handled at the same time. Others wait for up to 10 "
                + "seconds, then get the status 503. Use 0 to disable.",
            valueName: "count"))
    var maxRequests = ServerLimits().maxRequests

    @Flag(
        name: .customLong("web.disable-exporter-metrics"),
        help: """
            Leave out the metrics about the exporter's own process and server (process_*, \
            tcptable_http_*).
            """)
    var disablesExporterMetrics = false

    /// The default port lies above the range 9100 to 9999, which is all given away.
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
        guard telemetryPath.hasPrefix("/") else {
            throw ValidationError("--web.telemetry-path '\(telemetryPath)' must begin with '/'.")
        }
        guard !telemetryPath.hasPrefix("//"), telemetryPath.utf8.allSatisfy(isPathByte) else {
            throw ValidationError(
                "--web.telemetry-path '\(telemetryPath)' must be a path of letters, digits and -._~."
            )
        }
        guard !ExporterService.reservedPaths.contains(telemetryPath) else {
            throw ValidationError(
                "--web.telemetry-path '\(telemetryPath)' means something already; choose another.")
        }
        guard !usesSystemdSockets || listenAddressesGiven.isEmpty else {
            throw ValidationError(
                "--web.systemd-socket takes its addresses from systemd; leave "
                    + "--web.listen-address out.")
        }
        guard maxRequests >= 0 else {
            throw ValidationError("--web.max-requests \(maxRequests) must not be negative.")
        }
    }
}

/// Of a path that reads the same as it is written in a URL (RFC 3986, section 2.3): with an escape or a
/// query in it nobody could ask for it, and after two slashes a link would lead to another host.
private func isPathByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "/-._~".utf8.contains(byte)
    }
}

/// What is measured.
struct CollectorOptions: ParsableArguments {
    @Flag(
        name: .customLong("collector.state"), inversion: .prefixedNo,
        help: "Connections by family and state.")
    var state = true

    @Flag(
        name: .customLong("collector.module"), inversion: .prefixedNo,
        help: "Connections by owner module and state.")
    var module = true

    @Flag(
        name: .customLong("collector.offload"), inversion: .prefixedNo,
        help: "Connections by offload state, and kernel TLS.")
    var offload = true

    @Flag(
        name: .customLong("collector.queue"), inversion: .prefixedNo,
        help: "Bytes waiting in the queues of each module's connections.")
    var queue = true

    @Flag(
        name: .customLong("collector.listener"), inversion: .prefixedNo,
        help: "Accept queues of listeners.")
    var listener = true

    @Flag(
        name: .customLong("collector.ephemeral-port"), inversion: .prefixedNo,
        help: "Ephemeral ports in use.")
    var ephemeralPort = true

    @Option(
        name: .customLong("collector.module.limit"),
        help: ArgumentHelp(
            "Owner modules with series of their own; the others are taken together as 'other'.",
            valueName: "count"))
    var moduleLimit = 200

    @Option(
        name: .customLong("collector.netns"),
        help: ArgumentHelp(
            "Network namespaces to read: the exporter's own, or all that have a name or a process. "
                + "Each costs a walk through the host's sockets, and entering takes CAP_SYS_ADMIN.")
    )
    var networkNamespaces = NetworkNamespaceScope.own

    var names: Set<CollectorName> {
        let switches: [(CollectorName, Bool)] = [
            (.state, state), (.module, module), (.offload, offload), (.queue, queue),
            (.listener, listener), (.ephemeralPort, ephemeralPort),
        ]
        return Set(switches.filter(\.1).map(\.0))
    }

    func validate() throws {
        guard moduleLimit >= 0 else {
            throw ValidationError("--collector.module.limit \(moduleLimit) must not be negative.")
        }
    }
}

/// Where the kernel's file systems are mounted.
struct PathOptions: ParsableArguments {
    @Option(
        name: .customLong("path.procfs"),
        help: ArgumentHelp("Mount point of proc.", valueName: "directory"))
    var procfs = "/proc"

    @Option(
        name: .customLong("path.cgroupfs"),
        help: ArgumentHelp("Mount point of the cgroup hierarchies.", valueName: "directory"))
    var cgroupfs = "/sys/fs/cgroup"

    /// Throws when there is no proc file system at the path.
    func checkedProcfs() throws -> ProcFS {
        let procfs = ProcFS(root: procfs)
        _ = try procfs.ownStatistics
        return procfs
    }
}

/// What is logged, and how.
struct LogOptions: ParsableArguments {
    enum Level: String, CaseIterable, ExpressibleByArgument {
        case debug
        case info
        case warn
        case error

        var swiftLog: Logger.Level {
            switch self {
            case .debug: .debug
            case .info: .info
            case .warn: .warning
            case .error: .error
            }
        }
    }

    @Option(name: .customLong("log.level"), help: "Least severity that is logged.")
    var level = Level.info

    @Option(name: .customLong("log.format"), help: "Form of the lines on standard error.")
    var format = LogFormat.logfmt
}

extension LogFormat: ExpressibleByArgument {}

extension NetworkNamespaceScope: ExpressibleByArgument {}
