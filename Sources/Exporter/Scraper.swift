import Exposition
import OwnerModules
package import Procfs
import SockDiag
package import TCPTable

/// Reads the table once, finds owners, counts, and writes: dump, attribute, aggregate, encode.
///
/// Nothing keeps rows but the step that waits for their owners, so memory grows with modules, and with
/// the rows only while the module collector is on.
package struct Scraper<Source: TCPTableSource> {
    private var source: Source
    private let procfs: ProcFS
    private var attribution: OwnerAttribution
    private var collectors: CollectorSet
    private let includesExporterMetrics: Bool
    private var selfMetrics: SelfMetrics
    private var exposition = TextExposition()

    package init(_ options: ScraperOptions, source: Source) {
        self.source = source
        procfs = options.procfs
        attribution = OwnerAttribution(procfs: options.procfs, cgroupfs: options.cgroupfs)
        collectors = CollectorSet(options.collectors, moduleLimit: options.moduleLimit)
        includesExporterMetrics = options.includesExporterMetrics
        selfMetrics = SelfMetrics(procfs: options.procfs)
    }

    /// One scrape. Never fails as a whole: what went wrong is told in the result and its metrics.
    package mutating func scrape() -> Scrape {
        exposition.removeAll()
        var report = ScrapeReport(collectors: collectors.names)
        readTable(&report)
        if report.isTableRead {
            attribute(&report)
            collectors.write(to: &exposition, attribution.modules)
            writeEphemeralPorts(&report)
        }
        report.write(to: &exposition)
        report.exporterMetricsWereWritten(
            problems: selfMetrics.write(to: &exposition, includesProcess: includesExporterMetrics))
        var bytes: [UInt8] = []
        exposition.assemble(into: &bytes)
        return Scrape(
            exposition: bytes, isTableRead: report.isTableRead, problems: report.problems)
    }

    private mutating func readTable(_ report: inout ScrapeReport) {
        do {
            let outcome = try Self.read(&source, into: &collectors, &attribution)
            selfMetrics.dumpInterruptions += UInt64(outcome.interruptions)
            report.tableWasRead(outcome)
        } catch {
            report.tableFailed(error)
        }
    }

    /// The one pass over the table. Static, so that the closures and the source, which change at the
    /// same time, are seen to be different variables.
    private static func read(
        _ source: inout Source, into collectors: inout CollectorSet,
        _ attribution: inout OwnerAttribution
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        let demand = collectors.ownerDemand
        return try source.read {
            collectors.removeAll()
            attribution.removeAll()
        } body: { connection in
            collectors.observe(connection)
            if demand.contains(connection) {
                if let attributed = attribution.add(connection) { collectors.observe(attributed) }
            } else if demand.isAny, connection.state == .listen {
                attribution.note(listener: connection)
            }
        }
    }

    private mutating func attribute(_ report: inout ScrapeReport) {
        do {
            try Self.attribute(&attribution, into: &collectors)
        } catch {
            report.ownersFailed(error)
        }
        report.ownersWereFound(attribution.visibility)
    }

    private static func attribute(
        _ attribution: inout OwnerAttribution, into collectors: inout CollectorSet
    ) throws(FileError) {
        try attribution.attribute { collectors.observe($0) }
    }

    private mutating func writeEphemeralPorts(_ report: inout ScrapeReport) {
        guard collectors.names.contains(.ephemeralPort) else { return }
        do {
            let range = try procfs.ephemeralPortRange()
            collectors.write(to: &exposition, ephemeralPorts: range)
        } catch {
            report.ephemeralPortsFailed(error)
        }
    }
}

/// What a scraper is made from.
package struct ScraperOptions: Sendable {
    package var collectors: Set<CollectorName>
    /// How many owner modules have series of their own.
    package var moduleLimit: Int
    /// Whether the `process_*` family is given.
    package var includesExporterMetrics: Bool
    package var procfs: ProcFS
    package var cgroupfs: CgroupFS

    package init(
        collectors: Set<CollectorName> = Set(CollectorName.allCases), moduleLimit: Int = 200,
        includesExporterMetrics: Bool = true, procfs: ProcFS = ProcFS(),
        cgroupfs: CgroupFS = CgroupFS()
    ) {
        self.collectors = collectors
        self.moduleLimit = moduleLimit
        self.includesExporterMetrics = includesExporterMetrics
        self.procfs = procfs
        self.cgroupfs = cgroupfs
    }
}
