import OwnerModules
import Procfs
import TCPConnections

/// Which network namespaces are read.
package enum NetworkNamespaceScope: String, CaseIterable, Sendable {
    /// The exporter's own.
    case own
    /// All that have a name or a visible process.
    case all
}

/// The tables of all observed namespaces, the exporter's own first.
struct ObservedTables<Source: TCPTableSource> {
    /// Namespaces read besides the own one. Each costs a walk through the sockets of the whole host,
    /// because the kernel's table is one for all namespaces.
    static var othersMax: Int { 256 }

    private(set) var tables: [ObservedTable<Source>]
    private let scope: NetworkNamespaceScope
    /// What the table of a new namespace starts from.
    private let source: Source
    private let collectors: Set<CollectorName>
    private let listing = DirectoryListing()

    init(_ scope: NetworkNamespaceScope, source: Source, collectors: Set<CollectorName>) {
        self.scope = scope
        self.source = source
        self.collectors = collectors
        tables = [ObservedTable(nil, source: source, collectors: collectors)]
    }

    /// Reads the own table, and if that succeeds the others.
    mutating func read(
        _ attribution: inout OwnerAttribution, _ procfs: ProcFS, _ report: inout ScrapeReport
    ) {
        for index in tables.indices { tables[index].beginScrape() }
        attribution.beginTable(0)
        tables[0].read(&attribution, procfs, &report)
        if tables[0].isRead, scope == .all {
            follow(procfs, &report)
            for index in tables.indices.dropFirst() where !report.isEnteringDenied {
                visit(index, &attribution, procfs, &report)
            }
        }
        report.tablesWereRead()
    }

    /// Hands connections with their owners to the tables that they are from.
    static func attribute(
        _ attribution: inout OwnerAttribution, into tables: inout Self
    ) throws(FileError) {
        // Both closures change the tables, so what listeners add waits until the end.
        var listeners: [AttributedListener] = []
        defer {
            for listener in listeners {
                tables.tables[Int(listener.tally.table)].collectors.observe(listener)
            }
        }
        var own = tables.tables[0].source
        try attribution.attribute { tally, owner in
            tables.tables[Int(tally.table)].collectors.observe(tally, owner)
        } listener: { listener in
            listeners.append(listener)
        } openAmong: { sockets in
            own.open(among: sockets)
        }
    }

    /// Calls a closure with each table that was read.
    mutating func forEachRead(_ body: (inout ObservedTable<Source>) -> Void) {
        for index in tables.indices where tables[index].isRead { body(&tables[index]) }
    }

    /// Drops the tables of namespaces that are gone, and adds those of new ones.
    private mutating func follow(_ procfs: ProcFS, _ report: inout ScrapeReport) {
        do {
            let found = try NetworkNamespaces(procfs, listing)
            report.namespacesWereFound(found, max: Self.othersMax)
            let known = tables.dropFirst()
            tables.removeLast(known.count)
            for namespace in found.others.prefix(Self.othersMax) {
                var table =
                    known.first { $0.namespace?.isSame(as: namespace) == true }
                    ?? ObservedTable(namespace, source: source, collectors: collectors)
                table.namespace = namespace
                tables.append(table)
            }
        } catch {
            report.namespacesFailed(error)
        }
    }

    private mutating func visit(
        _ index: Int, _ attribution: inout OwnerAttribution, _ procfs: ProcFS,
        _ report: inout ScrapeReport
    ) {
        guard let namespace = tables[index].namespace else { return }
        attribution.beginTable(UInt16(index))
        do {
            try namespace.enter { tables[index].read(&attribution, procfs, &report) }
        } catch {
            report.enteringFailed(error)
        }
    }
}
