import Exposition
import Owners
import TCPModel

/// Which network namespaces are read.
package enum NetworkNamespaceScope: String, CaseIterable, Sendable {
    /// The exporter's own.
    case own
    /// All that have a name or a visible process.
    case all
}

/// The observed network namespaces, the exporter's own first.
struct ObservedNamespaces {
    /// Namespaces read besides the own one. Each costs a walk through the sockets of the whole host,
    /// because the kernel has one table for all namespaces.
    static let othersMax = 256

    private var namespaces: [ObservedNamespace]
    private let scope: NetworkNamespaceScope
    private let collectors: Set<CollectorName>

    init(
        _ scope: NetworkNamespaceScope, source: any ConnectionSource,
        collectors: Set<CollectorName>
    ) {
        self.scope = scope
        self.collectors = collectors
        namespaces = [ObservedNamespace(nil, source: source, collectors: collectors)]
    }

    /// Reads the own table, and if that succeeds the others.
    mutating func read(
        _ lookup: inout OwnerLookup, _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        for index in namespaces.indices { namespaces[index].beginScrape() }
        namespaces[0].read(&lookup, host, &report)
        if namespaces[0].isRead, scope == .all {
            findOthers(host, &report)
            for index in namespaces.indices.dropFirst() where !report.isEnteringDenied {
                readOther(index, &lookup, host, &report)
            }
        }
        report.tablesWereRead()
    }

    /// Finds the owners of all rows.
    mutating func resolve(_ lookup: consuming OwnerLookup) -> ResolvedOwners {
        let owners = lookup.resolve(rereading: &namespaces[0].source)
        for index in namespaces.indices { namespaces[index].resolve(owners) }
        return owners
    }

    /// How many connections have owners that may not be looked into.
    var protectedCount: UInt64 {
        namespaces.filter(\.isRead).map { $0.collectors.counts[.protected].count }.reduce(0, +)
    }

    /// Decides which modules have series.
    func update(_ directory: inout ModuleDirectory, _ modules: ModuleTable) {
        directory.update(modules, namespaces.filter(\.isRead).map(\.collectors.counts))
    }

    /// Writes the families of all tables that were read.
    mutating func write(to exposition: inout TextExposition, _ directory: ModuleDirectory) {
        for index in namespaces.indices where namespaces[index].isRead {
            namespaces[index].write(to: &exposition, directory)
        }
    }

    /// Drops the namespaces that are gone, and adds new ones.
    private mutating func findOthers(
        _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        do {
            let found = try host.networkNamespaces()
            report.namespacesWereFound(found, max: Self.othersMax)
            let known = namespaces.dropFirst()
            namespaces.removeLast(known.count)
            for namespace in found.others.prefix(Self.othersMax) {
                var observed =
                    known.first { $0.namespace?.isSame(as: namespace) == true }
                    ?? ObservedNamespace(
                        namespace, source: namespaces[0].source, collectors: collectors)
                observed.namespace = namespace
                namespaces.append(observed)
            }
        } catch {
            report.namespacesFailed(error)
        }
    }

    private mutating func readOther(
        _ index: Int, _ lookup: inout OwnerLookup, _ host: any HostInformation,
        _ report: inout ScrapeReport
    ) {
        guard let namespace = namespaces[index].namespace else { return }
        lookup.beginTable(UInt16(index))
        do {
            try host.enter(namespace) {
                namespaces[index].read(&lookup, host, &report)
            }
        } catch {
            report.enteringFailed(error)
        }
    }
}
