import Exposition
import Owners
import TCPModel

/// One network namespace: its TCP table, and the collectors that the table feeds.
struct ObservedNamespace {
    /// Nil is the exporter's own. The path to another one changes with the process that stands for it.
    var namespace: NetworkNamespace?
    /// What all its samples begin with: nothing, or `netns`.
    let labels: LabelSet
    /// Reads the table.
    var source: any ConnectionSource
    private(set) var collectors: CollectorSet
    /// Whether the last scrape read the table to its end.
    private(set) var isRead = false
    private var ephemeralPorts: ClosedRange<UInt16>?
    private var kernelTLS: KernelTLSStatistics?
    /// Whether it is known which connections have kernel TLS, if any has.
    private var isOffloadKnown = true
    /// The rows of one step.
    private var rows: [TCPConnection] = []

    init(
        _ namespace: NetworkNamespace?, source: any ConnectionSource,
        collectors: Set<CollectorName>
    ) {
        self.namespace = namespace
        self.source = source
        self.collectors = CollectorSet(collectors)
        labels = LabelSet([("netns", namespace?.label ?? "")])
    }

    /// Forgets the last scrape.
    mutating func beginScrape() {
        isRead = false
        collectors.removeAll()
    }

    /// Reads the table, on a thread that is in its namespace.
    mutating func read(
        _ lookup: inout OwnerLookup, _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        do {
            let outcome = try readTable(&lookup)
            report.tableWasRead(outcome, namespace)
            isOffloadKnown = outcome.offloadProblem == nil
            isRead = true
        } catch {
            lookup.rollBackTable()
            collectors.removeAll()
            report.tableFailed(error, namespace)
        }
        if isRead { readSettings(host, &report) }
    }

    /// Turns what was counted into counts by module.
    mutating func resolve(_ owners: borrowing ResolvedOwners) {
        collectors.resolve(owners)
    }

    /// Writes all of the table's families.
    mutating func write(to exposition: inout TextExposition, _ directory: ModuleDirectory) {
        exposition.labeled(labels) { exposition in
            collectors.write(to: &exposition, directory, isOffloadKnown: isOffloadKnown)
            if let kernelTLS {
                exposition.part(CollectorName.offload.part) {
                    KernelTLSCounters.write(kernelTLS, to: &$0)
                }
            }
            if let ephemeralPorts {
                collectors.write(to: &exposition, ephemeralPorts: ephemeralPorts)
            }
        }
    }

    private mutating func readTable(
        _ lookup: inout OwnerLookup
    ) throws(ConnectionSourceError) -> DumpOutcome {
        while true {
            switch try source.next(&rows) {
            case .rows:
                collectors.count(rows, &lookup)
            case .restarted:
                collectors.removeAll()
                lookup.rollBackTable()
            case .complete(let outcome):
                return outcome
            }
        }
    }

    /// Reads what the namespace tells besides its table.
    private mutating func readSettings(
        _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        ephemeralPorts = nil
        kernelTLS = nil
        if collectors.names.contains(.ephemeralPort) {
            do { ephemeralPorts = try host.ephemeralPortRange() } catch {
                report.ephemeralPortsFailed(error)
            }
        }
        if collectors.names.contains(.offload) {
            do { kernelTLS = try host.kernelTLSStatistics() } catch {
                report.kernelTLSStatisticsFailed(error)
            }
        }
    }
}
