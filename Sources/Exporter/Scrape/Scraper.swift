import Exposition
import Linux
package import MetricsServer
package import Owners
package import TCPModel

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
    private var protectionNotice = ProtectionNotice()
    private var exposition = TextExposition()
    private var history = ScrapeHistory()
    /// What a watchdog looks at.
    let progress = ScrapeProgress()

    /// - Parameters:
    ///   - source: Reads the table of the calling thread's network namespace.
    ///   - resolver: Finds owners.
    package init(
        _ options: ScraperOptions, source: any ConnectionSource & ListenerSource,
        resolver: OwnerResolver
    ) {
        self.options = options
        self.resolver = resolver
        namespaces = ObservedNamespaces(options, source: ProgressingSource(source, progress))
        modules = ModuleDirectory(
            limit: options.moduleLimit, pathByteCountMax: options.modulePathByteCountMax,
            choice: options.moduleChoice)
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
        var suspects: [Suspect] = []
        if report.isTableRead {
            let owners = namespaces.resolve(lookup)
            report.ownersWereFound(
                owners,
                protectionProblems: protectionNotice.problems(
                    owners.visibility, protectedCount: namespaces.protectedCount))
            report.modulesWereNamed(
                problems: (options.naming?.problems ?? [])
                    + (options.containerNaming?.problems ?? []))
            history.begin(at: .now)
            suspects = writeTables(owners)
            resolver = owners.finish()
        } else {
            resolver = lookup.abandon()
        }
        namespaces.endScrape()
        selfMetrics.dumpInterruptions += UInt64(report.dumpInterruptions)
        selfMetrics.stuckDumpThreadCount = namespaces.stuckThreadCount
        report.write(to: &exposition)
        report.exporterMetricsWereWritten(
            problems: selfMetrics.write(
                to: &exposition, includesProcess: options.includesExporterMetrics))
        return Scrape(
            samples: exposition, isTableRead: report.isTableRead, problems: report.problems,
            history: history, suspects: suspects)
    }

    private mutating func writeTables(_ owners: borrowing ResolvedOwners) -> [Suspect] {
        namespaces.update(&modules, owners.modules)
        let suspects = namespaces.write(to: &exposition, &history, modules, owners)
        if owners.isSearchExhausted || owners.failure != nil { history.noteIncomplete() }
        if options.collectors.contains(.module) { writeModules(owners) }
        return suspects
    }

    private mutating func writeModules(_ owners: borrowing ResolvedOwners) {
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
