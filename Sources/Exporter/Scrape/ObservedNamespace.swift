import Owners
import TCPModel

/// One network namespace: its TCP table, and the collectors that the table feeds.
struct ObservedNamespace {
    /// Nil is the exporter's own. The path to another one changes with the process that stands for it.
    var namespace: NetworkNamespace?
    /// The container that it is of, where it has no name.
    private var container = NamespaceContainer()
    /// The names of the interfaces that listeners are bound to.
    private(set) var interfaces: [UInt32: String] = [:]
    private(set) var kernelTLS: KernelTLSStatistics?
    /// Whether it is known which connections have kernel TLS, if any has.
    private(set) var isOffloadKnown = true
    /// Reads the table.
    var source: any ConnectionSource & ListenerSource
    private(set) var collectors: CollectorSet
    /// Whether the last scrape read the table to its end.
    private(set) var isRead = false
    /// What was read before the table.
    private var surroundings = TableSurroundings()
    /// Why listeners could not be read alone.
    private var listenersError: ConnectionSourceError?
    /// The rows of one step.
    private var rows: [TCPConnection] = []

    init(
        _ namespace: NetworkNamespace?, source: any ConnectionSource & ListenerSource,
        _ options: ScraperOptions
    ) {
        self.namespace = namespace
        self.source = source
        collectors = CollectorSet(options)
    }

    /// The value of the label `netns`: the namespace's name, or what its container is called, else its inode
    /// number; empty for the exporter's own.
    func label(_ owners: borrowing ResolvedOwners) -> String {
        guard let namespace else { return "" }
        if namespace.name == nil, let container = container.module {
            return owners.networkName(of: container)
        }
        return SanitizedText.name(namespace.label.utf8)
    }

    /// Finds out which container the namespace is of.
    mutating func findContainer(_ lookup: inout OwnerLookup, _ host: any HostInformation) {
        guard let namespace, namespace.name == nil else { return }
        container.update(namespace.processes, host)
        if let facts = container.facts { lookup.note(container: facts) }
    }

    /// Forgets the last scrape.
    mutating func beginScrape() {
        isRead = false
        collectors.begin()
    }

    /// Reads the table, on a thread that is in its namespace.
    mutating func read(
        _ lookup: inout OwnerLookup, _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        readSurroundings(host, &report)
        do {
            let outcome = try readTable(&lookup)
            report.tableWasRead(outcome, namespace)
            isOffloadKnown = outcome.offloadProblem == nil
            isRead = true
        } catch {
            lookup.rollBackTable()
            collectors.begin()
            report.tableFailed(error, namespace)
        }
        guard isRead else { return }
        if let listenersError { report.listenersFailed(listenersError, namespace) }
        readSettings(host, &report)
    }

    /// Turns what was counted into counts by module.
    mutating func resolve(_ owners: borrowing ResolvedOwners) {
        collectors.resolve(owners)
    }

    /// Forgets what is of no use after the scrape.
    mutating func endScrape() {
        collectors.endScrape()
    }

    private mutating func readTable(
        _ lookup: inout OwnerLookup
    ) throws(ConnectionSourceError) -> DumpOutcome {
        collectors.begin(surroundings)
        while true {
            switch try source.next(&rows) {
            case .rows:
                collectors.count(rows, &lookup)
            case .restarted:
                collectors.begin(surroundings)
                lookup.rollBackTable()
            case .complete(let outcome):
                return outcome
            }
        }
    }

    /// Reads what has to be known before the table's first row.
    private mutating func readSurroundings(
        _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        surroundings = TableSurroundings()
        listenersError = nil
        if collectors.names.contains(.ephemeralPort) {
            do { surroundings.ephemeralPorts = try host.ephemeralPorts() } catch {
                report.ephemeralPortsFailed(error)
            }
        }
        if collectors.needsListeners {
            do { surroundings.listeners = try source.listeners() } catch {
                listenersError = error
            }
        }
        // After the listeners, so that it has all that they dropped.
        if collectors.names.contains(.listener) {
            do { surroundings.listenDropCount = try host.listenDropCount() } catch {
                report.listenDropCountFailed(error)
            }
        }
    }

    /// Reads what the namespace tells besides its table.
    private mutating func readSettings(
        _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        interfaces = [:]
        for index in collectors.interfaces {
            interfaces[index] = host.interfaceName(index).map(SanitizedText.name)
        }
        kernelTLS = nil
        if collectors.names.contains(.offload) {
            do { kernelTLS = try host.kernelTLSStatistics() } catch {
                report.kernelTLSStatisticsFailed(error)
            }
        }
    }
}
