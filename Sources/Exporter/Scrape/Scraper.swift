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

    /// - Parameters:
    ///   - source: Reads the table of the calling thread's network namespace.
    ///   - resolver: Finds owners.
    package init(
        _ options: ScraperOptions, source: any ConnectionSource, resolver: OwnerResolver
    ) {
        self.options = options
        self.resolver = resolver
        namespaces = ObservedNamespaces(
            options.networkNamespaces, source: source, collectors: options.collectors)
        modules = ModuleDirectory(
            limit: options.moduleLimit, includesPaths: options.includesModulePaths,
            choice: options.moduleChoice)
        selfMetrics = SelfMetrics(host: options.host, webReload: options.webReload)
    }

    /// The server that gives the exposition to clients, if one does: its own metrics are given too.
    package var server: ServerMonitor? {
        get { selfMetrics.server }
        set { selfMetrics.server = newValue }
    }

    /// The collectors that are enabled.
    package var collectors: Set<CollectorName> { options.collectors }

    /// One scrape. It never fails as a whole: what went wrong is in the result and its metrics.
    package mutating func scrape() -> Scrape {
        guard var lookup = resolver.take()?.beginScrape() else {
            preconditionFailure("a scrape is in progress")
        }
        exposition.removeAll()
        var report = ScrapeReport(collectors: options.collectors)
        namespaces.read(&lookup, options.host, &report)
        if report.isTableRead {
            let owners = namespaces.resolve(lookup)
            report.ownersWereFound(owners)
            report.modulesWereNamed(
                problems: (options.naming?.problems ?? [])
                    + (options.containerNaming?.problems ?? []))
            writeTables(owners)
            resolver = owners.finish()
        } else {
            resolver = lookup.abandon()
        }
        selfMetrics.dumpInterruptions += UInt64(report.dumpInterruptions)
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
        let isMapCurrent = options.naming?.isCurrent
        let containerNames = options.containerNaming?.results
        exposition.part(CollectorName.module.part) { exposition in
            modules.write(to: &exposition)
            if let containerNames {
                exposition.write(Metric.containerNames) { samples in
                    for result in ContainerNameResult.allCases {
                        samples.append(
                            LabelSet([("result", result.rawValue)]),
                            value: UInt64(containerNames[result]))
                    }
                }
            }
            if let isMapCurrent {
                exposition.write(Metric.moduleMapSuccessful) {
                    $0.append(value: isMapCurrent ? 1 : 0)
                }
            }
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
    /// How many owner modules have series of their own.
    package var moduleLimit: Int
    /// Whether the paths of executables are given.
    package var includesModulePaths: Bool
    /// Which modules can have series of their own.
    package var moduleChoice = ModuleChoice()
    /// The rules by which processes get names; nil without any.
    package var naming: (any ProcessNaming)?
    /// The names of containers; nil calls them by their IDs.
    package var containerNaming: (any ContainerNaming)?
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
}
