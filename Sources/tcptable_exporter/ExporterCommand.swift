import ArgumentParser
import CLinux
import CommandOptions
import Exporter
import Glibc
import Linux
import Logging
import MetricsServer
import ModuleMap
import SystemPackage
import TCPTable
import WebAccess
import WebConfiguration

/// The command line.
struct ExporterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tcptable_exporter",
        abstract: "Prometheus exporter of this host's TCP table: connections by state, by owner "
            + "module and by offload state.",
        discussion: """
            The owner module of a connection is the systemd service, the container, or else the \
            executable that owns it. Counting by state needs no privileges. CAP_SYS_PTRACE and \
            CAP_DAC_READ_SEARCH are needed to find other users' processes. Connections without a \
            known owner are counted by reason.

            SIGHUP reloads the files of --web.config.file and --collector.module.map.

            Exit status: 0 after SIGINT, SIGTERM or --once; 1 if it cannot listen, read the table or \
            write; 64 for an invalid command line.
            """,
        version: versionText(of: "tcptable_exporter"))

    @OptionGroup(title: "Web") var web: WebOptions
    @OptionGroup(title: "Web server limits") var limits: LimitOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorOptions
    @OptionGroup(title: "Paths") var paths: PathOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    @Flag(
        help: """
            Write the metrics once to standard output, without those about the exporter itself \
            (process_*, tcptable_http_*), and exit.
            """)
    var once = false

    /// Logs errors in the requested format, like every other message.
    func run() throws {
        StandardDescriptors.reserve()
        clinux_malloc_map_large()
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
        let host = try paths.host
        let iterators = try iterators(host, logger)
        if let problem = host.cgroupProblem { logger.warning("\(problem)") }
        var options = ScraperOptions(
            includesExporterMetrics: !once && !web.disablesExporterMetrics, host: host.information)
        try collectors.apply(to: &options)
        if collectors.containerNames == .auto {
            options.containerNaming = host.containerNaming(isPatient: once)
        }
        let moduleMap = try collectors.moduleMapFile.map { path in
            try WatchedModuleMap(
                path: path, details: host.processDetails, timeMax: once ? nil : Self.namingTimeMax)
        }
        options.naming = moduleMap
        if once {
            try Self.writeOnce(
                scraper(options, host, iterators, searchTimeMax: nil), logger)
        } else {
            try serve(options, host, iterators, moduleMap, logger)
        }
    }

    /// What is read by BPF.
    private struct Iterators {
        var holders = HolderSource.procfs
        var kernelTLS: (any HeldKernelTLSSource)?
    }

    /// Decides what is read by BPF.
    ///
    /// The rights to load programs are not kept: an attacker who took over the exporter would have them. They
    /// are dropped before other threads start, which have a copy of them.
    private func iterators(_ host: LinuxHost, _ logger: Logger) throws -> Iterators {
        guard collectors.holders != .procfs else { return Iterators() }
        if once, collectors.holders == .auto {
            return Iterators(holders: .automatic, kernelTLS: host.heldKernelTLS)
        }
        do {
            let iterator = try host.descriptorIterator()
            let kernelTLS = kernelTLS(host, logger)
            if clinux_drop_capabilities(Self.loadingCapabilities) < 0 {
                logger.warning("cannot drop CAP_BPF and CAP_PERFMON: \(Errno(rawValue: errno))")
            }
            logger.info("socket holders can be found by BPF")
            let isPreferred = collectors.holders == .bpf
            return Iterators(
                holders: .iterator(iterator, isPreferred: isPreferred), kernelTLS: kernelTLS)
        } catch {
            guard collectors.holders == .auto else { throw HolderModeError(reason: error) }
            logger.info("socket holders are found in /proc: \(error)")
            return Iterators()
        }
    }

    private func kernelTLS(
        _ host: LinuxHost, _ logger: Logger
    ) -> (any HeldKernelTLSSource)? {
        guard collectors.enabled.contains(.offload) else { return nil }
        do { return try host.loadedKernelTLS() } catch {
            logger.info("kernel TLS is asked for by netlink alone: \(error)")
            return nil
        }
    }

    /// CAP_PERFMON and CAP_BPF (linux/capability.h).
    private static let loadingCapabilities: UInt64 = 1 << 38 | 1 << 39

    /// How long a scrape that a client waits for may search for socket owners. It is rarely a tenth of
    /// that; who shares large descriptor tables between many processes could make it any time.
    private static let searchTimeMax = Duration.milliseconds(500)

    /// How long a scrape that a client waits for may compare processes with rules. A thousand new
    /// processes take about as long.
    private static let namingTimeMax = Duration.milliseconds(100)

    private func scraper(
        _ options: ScraperOptions, _ host: LinuxHost, _ iterators: Iterators,
        searchTimeMax: Duration?
    ) -> Scraper {
        Scraper(
            options,
            source: host.connectionSource(
                held: iterators.kernelTLS, allowsBlocking: collectors.offloadAllowsBlocking),
            resolver: host.ownerResolver(
                holders: iterators.holders,
                isOnly: once && options.collectors.contains(.module), naming: options.naming,
                containerNaming: options.containerNaming,
                searchTimeMax: searchTimeMax))
    }

    private static func writeOnce(_ scraper: consuming Scraper, _ logger: Logger) throws {
        let scrape = scraper.scrape()
        for problem in scrape.problems { logger.warning("\(problem)") }
        do {
            try FileDescriptor.standardOutput.writeAll(scrape.exposition)
        } catch {
            logger.error("cannot write to standard output: \(error)")
            throw ExitCode.failure
        }
        if !scrape.isTableRead { throw ExitCode.failure }
    }

    private func serve(
        _ options: ScraperOptions, _ host: LinuxHost, _ iterators: Iterators,
        _ moduleMap: WatchedModuleMap?, _ logger: Logger
    ) throws {
        var limits = web.limits
        self.limits.apply(to: &limits)
        try DescriptorLimit.raise(for: limits)
        let signals = ServiceSignals()
        let configuration = try web.configuration(logger)
        var options = options
        if let configuration { options.webReload = { configuration.status } }
        let security = try configuration.flatMap { try WebSecurity($0) }
        let service = try ExporterService(
            scraper(options, host, iterators, searchTimeMax: Self.searchTimeMax),
            reduced: Scraper(
                options.reduced, source: host.plainConnectionSource,
                resolver: host.ownerResolver(holders: .procfs)),
            listening: web.listenAddresses,
            telemetryPath: web.telemetryPath, below: web.routePrefix,
            limits: limits, web: configuration,
            security: security, logger: logger)
        for address in service.boundAddresses { logger.info("listening on \(address)") }
        let manager = ServiceManager()
        notify(manager, logger) { (manager) throws(Errno) in
            let addresses = service.boundAddresses.map(\.description).joined(separator: ", ")
            try manager.notifyReady(status: "listening on \(addresses)")
        }
        // Pages that only the start needed are a third of the resident memory.
        clinux_release_file_pages()
        let name = awaitTermination(signals, logger) {
            configuration?.reload()
            moduleMap?.reload()
        }
        logger.info("received \(name), shutting down")
        notify(manager, logger) { (manager) throws(Errno) in try manager.notifyStopping() }
        service.stop()
    }

    /// Reloads at each `SIGHUP`; returns the name of the signal that ends the program.
    private func awaitTermination(
        _ signals: ServiceSignals, _ logger: Logger, reload: () -> Void
    ) -> String {
        while true {
            switch signals.wait() {
            case .terminate(let name): return name
            case .reload:
                logger.info("received SIGHUP, reloading")
                reload()
            }
        }
    }

    /// Logs a failed notification and goes on: clients can still be served.
    private func notify(
        _ manager: ServiceManager?, _ logger: Logger,
        _ body: (ServiceManager) throws(Errno) -> Void
    ) {
        guard let manager else { return }
        do throws(Errno) { try body(manager) } catch {
            logger.warning("cannot notify the service manager: \(error)")
        }
    }
}

/// The way to find socket holders that was asked for is not there.
private struct HolderModeError: Error, CustomStringConvertible {
    let reason: any Error
    var description: String { "--collector.holders=bpf: \(reason)" }
}
