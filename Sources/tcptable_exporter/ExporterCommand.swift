import ArgumentParser
import BuildInfo
import CLinux
import Exporter
import Glibc
import Linux
import Logging
import MetricsServer
import Procfs
import SystemPackage
import WebAccess
import WebConfiguration

/// The command line.
struct ExporterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tcptable_exporter",
        abstract: "Prometheus exporter of this host's TCP table: connections by state, by owner "
            + "module and by offload state.",
        discussion: """
            An owner module is what a person would name when asked whose a connection is: a systemd \
            service, a container, else the executable. No privilege is needed to count states; \
            CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH let it name other users' processes. What cannot \
            be known is counted under its reason, never guessed.

            Exit status: 0 after SIGINT, SIGTERM, or --once; 1 when it cannot listen, read the table \
            or write; 64 for a mistake on the command line.
            """,
        version: "tcptable_exporter \(BuildInfo.version) (revision \(BuildInfo.revision), "
            + "Swift \(BuildInfo.swiftVersion))")

    @OptionGroup(title: "Web") var web: WebOptions
    @OptionGroup(title: "Limits of the web server") var limits: LimitOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorOptions
    @OptionGroup(title: "Paths") var paths: PathOptions
    @OptionGroup(title: "Log") var log: LogOptions

    @Flag(help: "Write one exposition to standard output and exit.")
    var once = false

    /// What goes wrong from here on is logged like all else, so that it has the form asked for.
    func run() throws {
        StandardDescriptors.reserve()
        defer { LogWriter.standardError.flush() }
        let log = log
        LoggingSystem.bootstrap { _ in LogOutput(level: log.level.swiftLog, format: log.format) }
        let logger = Logger(label: "tcptable_exporter")
        do {
            try run(logger)
        } catch let error where !(error is ExitCode) {
            logger.error("\(error)")
            throw ExitCode.failure
        }
    }

    private func run(_ logger: Logger) throws {
        let options = ScraperOptions(
            collectors: collectors.names, moduleLimit: collectors.moduleLimit,
            networkNamespaces: collectors.networkNamespaces,
            includesExporterMetrics: !web.disablesExporterMetrics,
            procfs: try paths.checkedProcfs(), cgroupfs: CgroupFS(mount: paths.cgroupfs))
        if once {
            try Self.writeOnce(options, logger)
        } else {
            try serve(options, logger)
        }
    }

    private static func writeOnce(_ options: ScraperOptions, _ logger: Logger) throws {
        let scrape = Scrape.once(options)
        for problem in scrape.problems { logger.warning("\(problem)") }
        do {
            try FileDescriptor.standardOutput.writeAll(scrape.exposition)
        } catch {
            logger.error("cannot write to standard output: \(error)")
            throw ExitCode.failure
        }
        if !scrape.isTableRead { throw ExitCode.failure }
    }

    private func serve(_ options: ScraperOptions, _ logger: Logger) throws {
        var limits = web.limits
        self.limits.apply(to: &limits)
        try DescriptorLimit.raise(for: limits)
        let signals = TerminationSignals()
        let configuration = try web.configuration(logger)
        var options = options
        if let configuration { options.webReload = { configuration.status } }
        let security = try configuration.flatMap { try WebSecurity($0) }
        let service = try ExporterService(
            options, listening: web.listenAddresses, telemetryPath: web.telemetryPath,
            limits: limits, web: configuration,
            security: security, logger: logger)
        for address in service.boundAddresses { logger.info("listening on \(address)") }
        let manager = ServiceManager()
        tell(manager, logger) { (manager) throws(Errno) in
            let addresses = service.boundAddresses.map(\.description).joined(separator: ", ")
            try manager.isReady(status: "listening on \(addresses)")
        }
        // What only the start needed is a third of what would stay resident.
        clinux_release_file_pages()
        let name = signals.wait()
        logger.info("received \(name), shutting down")
        tell(manager, logger) { (manager) throws(Errno) in try manager.isStopping() }
        service.stop()
    }

    /// A service manager that cannot be told is no reason to serve nobody.
    private func tell(
        _ manager: ServiceManager?, _ logger: Logger,
        _ body: (ServiceManager) throws(Errno) -> Void
    ) {
        guard let manager else { return }
        do throws(Errno) { try body(manager) } catch {
            logger.warning("cannot notify the service manager: \(error)")
        }
    }
}

/// `SIGINT` and `SIGTERM`, waited for by one thread and blocked in all others. To be made before any
/// other thread is, for those inherit what is blocked.
private struct TerminationSignals {
    private var set = sigset_t()

    init() {
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A client that hangs up is an error of its connection, not of the process.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for one of them, and gives its name.
    func wait() -> String {
        var set = set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }
}
