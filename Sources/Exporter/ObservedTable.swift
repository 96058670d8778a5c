import Exposition
import OwnerModules
import Procfs
import SockDiag
import TCPConnections

/// The TCP table of one network namespace, with the collectors that it feeds.
struct ObservedTable<Source: TCPTableSource> {
    /// Nil is the exporter's own. The path to another one changes with the process that stands for it.
    var namespace: NetworkNamespace?
    /// What all its samples begin with: nothing, or `netns`.
    let labels: LabelSet
    var collectors: CollectorSet
    /// Whether the last scrape read it to its end.
    private(set) var isRead = false
    private(set) var source: Source
    private var ephemeralPorts: ClosedRange<UInt16>?
    private var kernelTLS: KernelTLSStatistics?
    /// Whether the kernel told which connections have kernel TLS, if any has.
    private var isOffloadKnown = true

    init(_ namespace: NetworkNamespace?, source: Source, collectors: Set<CollectorName>) {
        self.namespace = namespace
        self.source = source
        self.collectors = CollectorSet(collectors)
        labels = LabelSet([("netns", namespace?.label ?? "")])
    }

    /// Nothing was read in this scrape yet.
    mutating func beginScrape() {
        isRead = false
        collectors.removeAll()
    }

    /// The one pass over the table, on a thread that is in its namespace.
    mutating func read(
        _ attribution: inout OwnerAttribution, _ procfs: ProcFS, _ report: inout ScrapeReport
    ) {
        do {
            let outcome = try Self.read(&source, into: &collectors, &attribution)
            report.tableWasRead(outcome, namespace)
            isOffloadKnown = !outcome.isKernelTLSHidden
            isRead = true
        } catch {
            attribution.restart()
            collectors.removeAll()
            report.tableFailed(error, namespace)
        }
        if isRead { readSettings(procfs, &report) }
    }

    /// Reads what the namespace tells besides its table.
    private mutating func readSettings(_ procfs: ProcFS, _ report: inout ScrapeReport) {
        ephemeralPorts = nil
        kernelTLS = nil
        if collectors.names.contains(.ephemeralPort) {
            do { ephemeralPorts = try procfs.ephemeralPortRange() } catch {
                report.ephemeralPortsFailed(error)
            }
        }
        if collectors.names.contains(.offload) {
            do { kernelTLS = try KernelTLSStatistics(procfs) } catch {
                report.kernelTLSStatisticsFailed(error)
            }
        }
    }

    /// Writes all of the table's families.
    mutating func write(to exposition: inout TextExposition, modules directory: ModuleDirectory) {
        exposition.constantLabels = labels
        collectors.write(to: &exposition, modules: directory, isOffloadKnown: isOffloadKnown)
        exposition.part = CollectorName.offload.part
        if let kernelTLS { KernelTLSCounters.write(kernelTLS, to: &exposition) }
        exposition.part = nil
        guard let ephemeralPorts else { return }
        collectors.write(to: &exposition, ephemeralPorts: ephemeralPorts)
    }

    /// Static, so that the closures and the source, which change at the same time, are seen to be
    /// different variables.
    private static func read(
        _ source: inout Source, into collectors: inout CollectorSet,
        _ attribution: inout OwnerAttribution
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        let demand = collectors.ownerDemand
        let outcome = try source.read {
            collectors.removeAll()
            attribution.restart()
        } body: { connection in
            collectors.observe(connection)
            if demand.contains(connection) {
                attribution.take(connection) { collectors.observe($0, $1) }
            } else if demand.isAny, connection.isListener {
                attribution.note(listener: connection)
            }
        }
        attribution.endTable { collectors.observe($0, $1) }
        return outcome
    }
}
