import Exposition
package import MetricsServer
import OwnerModules
package import Procfs
import SockDiag
package import TCPConnections
package import WebConfiguration

/// Reads the table once, finds owners, counts, and writes: dump, attribute, aggregate, and the samples;
/// `Scrape` puts them into a format.
///
/// Nothing keeps rows but the step that waits for their owners, so memory grows with modules, and with
/// the rows only while the module collector is on.
package struct Scraper<Source: TCPTableSource> {
    private let options: ScraperOptions
    private var tables: ObservedTables<Source>
    private var attribution: OwnerAttribution
    private var modules: ModuleDirectory
    private var selfMetrics: SelfMetrics
    private var exposition = TextExposition()

    package init(_ options: ScraperOptions, source: Source) {
        self.options = options
        tables = ObservedTables(
            options.networkNamespaces, source: source, collectors: options.collectors)
        attribution = OwnerAttribution(procfs: options.procfs, cgroupfs: options.cgroupfs)
        modules = ModuleDirectory(limit: options.moduleLimit)
        selfMetrics = SelfMetrics(procfs: options.procfs, webReload: options.webReload)
    }

    /// The server that gives the exposition to clients, if one does: its own metrics are given too.
    package var server: ServerMonitor? {
        get { selfMetrics.server }
        set { selfMetrics.server = newValue }
    }

    /// The collectors that are switched on.
    package var collectors: Set<CollectorName> { options.collectors }

    /// One scrape. Never fails as a whole: what went wrong is told in the result and its metrics.
    package mutating func scrape() -> Scrape {
        exposition.removeAll()
        var report = ScrapeReport(collectors: options.collectors)
        attribution.beginScrape()
        tables.read(&attribution, options.procfs, &report)
        if report.isTableRead {
            attribute(&report)
            writeTables()
        }
        selfMetrics.dumpInterruptions += UInt64(report.dumpInterruptions)
        report.write(to: &exposition)
        report.exporterMetricsWereWritten(
            problems: selfMetrics.write(
                to: &exposition, includesProcess: options.includesExporterMetrics))
        return Scrape(
            samples: exposition, isTableRead: report.isTableRead, problems: report.problems)
    }

    private mutating func attribute(_ report: inout ScrapeReport) {
        do {
            try ObservedTables.attribute(&attribution, into: &tables)
        } catch {
            report.ownersFailed(error)
        }
        report.ownersWereFound(attribution.visibility)
    }

    private mutating func writeTables() {
        modules.removeAll()
        tables.forEachRead { $0.collectors.rank(in: &modules, attribution.modules) }
        modules.update(attribution.modules)
        tables.forEachRead { $0.write(to: &exposition, modules: modules) }
        exposition.constantLabels = .none
        guard options.collectors.contains(.module) else { return }
        exposition.part = CollectorName.module.part
        defer { exposition.part = nil }
        modules.write(to: &exposition)
        exposition.write(Metric.ownerCache) {
            $0.append(value: UInt64(attribution.rememberedSocketCount))
        }
        exposition.write(Metric.ownerCacheLimit) {
            $0.append(value: UInt64(SocketCache.socketsMax))
        }
    }
}

/// What a scraper is made from.
package struct ScraperOptions: Sendable {
    package var collectors: Set<CollectorName>
    /// How many owner modules have series of their own.
    package var moduleLimit: Int
    package var networkNamespaces: NetworkNamespaceScope
    /// Whether the `process_*` and `tcptable_http_*` families are given.
    package var includesExporterMetrics: Bool
    /// How the last reading of the web configuration went; nil where there is none.
    package var webReload: (@Sendable () -> WebReloadStatus)?
    package var procfs: ProcFS
    package var cgroupfs: CgroupFS

    package init(
        collectors: Set<CollectorName> = Set(CollectorName.allCases), moduleLimit: Int = 200,
        networkNamespaces: NetworkNamespaceScope = .own, includesExporterMetrics: Bool = true,
        procfs: ProcFS = ProcFS(),
        cgroupfs: CgroupFS = CgroupFS()
    ) {
        self.collectors = collectors
        self.moduleLimit = moduleLimit
        self.networkNamespaces = networkNamespaces
        self.includesExporterMetrics = includesExporterMetrics
        self.procfs = procfs
        self.cgroupfs = cgroupfs
    }
}
