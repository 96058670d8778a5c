import Exposition
package import MetricsServer
package import Owners
package import TCPModel
package import WebConfiguration

/// Reads the table once, finds owners, counts, and writes: dump, resolve, aggregate, and the samples;
/// `Scrape` encodes them.
///
/// No step keeps rows. Memory grows with modules, and with what is new since the last scrape.
package struct Scraper {
    private let options: ScraperOptions
    private var namespaces: ObservedNamespaces
    /// Nil while a scrape is in progress.
    private var resolver: OwnerResolver?
    private var modules: ModuleDirectory
    private var selfMetrics: SelfMetrics
    private var exposition = TextExposition()
    /// What a watchdog looks at.
    let progress = ScrapeProgress()

    /// - Parameters:
    ///   - source: Reads the table of the calling thread's network namespace.
    ///   - resolver: Finds owners.
    package init(
        _ options: ScraperOptions, source: any ConnectionSource, resolver: OwnerResolver
    ) {
        self.options = options
        self.resolver = resolver
        namespaces = ObservedNamespaces(
            options.networkNamespaces, source: ProgressingSource(source, progress),
            collectors: options.collectors)
        modules = ModuleDirectory(
            limit: options.moduleLimit, includesPaths: options.includesModulePaths)
        selfMetrics = SelfMetrics(host: options.host, webReload: options.webReload)
    }

    /// Gives the metrics of a service too.
    package mutating func publish(_ server: ServerMonitor, _ readiness: Readiness) {
        selfMetrics.server = server
        selfMetrics.readiness = readiness
    }

    /// A scrape that reads nothing: what is known while others hang.
    var unread: @Sendable () -> Scrape {
        let (selfMetrics, report) = (selfMetrics, newReport)
        return {
            var exposition = TextExposition()
            report.write(to: &exposition)
            selfMetrics.writeState(to: &exposition)
            return Scrape(samples: exposition, isTableRead: false, problems: [])
        }
    }

    private var newReport: ScrapeReport {
        ScrapeReport(collectors: options.collectors, unavailable: options.unavailableCollectors)
    }

    /// The collectors that are enabled.
    package var collectors: Set<CollectorName> { options.collectors }

    /// One scrape. It never fails as a whole: what went wrong is in the result and its metrics.
    package mutating func scrape() -> Scrape {
        guard var lookup = resolver.take()?.beginScrape() else {
            preconditionFailure("a scrape is in progress")
        }
        exposition.removeAll()
        var report = newReport
        namespaces.read(&lookup, options.host, &report)
        progress.note()
        if report.isTableRead {
            let owners = namespaces.resolve(lookup)
            report.ownersWereFound(owners)
            writeTables(owners)
            resolver = owners.finish()
        } else {
            resolver = lookup.abandon()
        }
        selfMetrics.dumpInterruptions += UInt64(report.dumpInterruptions)
        selfMetrics.stuckDumpThreadCount = namespaces.stuckThreadCount
        report.write(to: &exposition)
        report.exporterMetricsWereWritten(
            problems: selfMetrics.write(
                to: &exposition, includesProcess: options.includesExporterMetrics))
        return Scrape(
            samples: exposition, isTableRead: report.isTableRead, problems: report.problems)
    }

    private mutating func writeTables(_ owners: borrowing ResolvedOwners) {
        namespaces.update(&modules, owners.modules)
        namespaces.write(to: &exposition, modules)
        guard options.collectors.contains(.module) else { return }
        let cachedSocketCount = owners.cachedSocketCount
        exposition.part(CollectorName.module.part) { exposition in
            modules.write(to: &exposition)
            exposition.write(Metric.ownerCache) {
                $0.append(value: UInt64(cachedSocketCount))
            }
            exposition.write(Metric.ownerCacheLimit) {
                $0.append(value: UInt64(SocketCache.socketsMax))
            }
        }
    }
}

/// What a scraper is made from.
package struct ScraperOptions: Sendable {
    package var collectors: Set<CollectorName>
    /// Collectors that are enabled, fail, and are not tried.
    package private(set) var unavailableCollectors: Set<CollectorName> = []
    /// How many owner modules have series of their own.
    package var moduleLimit: Int
    /// Whether the paths of executables are given.
    package var includesModulePaths: Bool
    package var networkNamespaces: NetworkNamespaceScope
    /// Whether the `process_*` and `tcptable_http_*` families are given.
    package var includesExporterMetrics: Bool
    /// How the last reading of the web configuration went; nil where there is none.
    package var webReload: (@Sendable () -> WebReloadStatus)?
    /// What is read of the host besides tables and owners.
    package var host: any HostInformation

    package init(
        collectors: Set<CollectorName> = Set(CollectorName.allCases), moduleLimit: Int = 200,
        includesModulePaths: Bool = true, networkNamespaces: NetworkNamespaceScope = .own,
        includesExporterMetrics: Bool = true, host: any HostInformation
    ) {
        self.collectors = collectors
        self.moduleLimit = moduleLimit
        self.includesModulePaths = includesModulePaths
        self.networkNamespaces = networkNamespaces
        self.includesExporterMetrics = includesExporterMetrics
        self.host = host
    }

    /// Of the table alone, in the own namespace: what can be had while a whole scrape hangs.
    package var reduced: ScraperOptions {
        var options = self
        options.collectors.formIntersection(CollectorName.allCases.filter { !$0.needsOwners })
        options.unavailableCollectors = collectors.subtracting(options.collectors)
        options.networkNamespaces = .own
        return options
    }
}
