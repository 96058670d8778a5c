import Exposition
import Linux
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
    /// How long one scrape may read them. Any user can make some.
    private static let othersTimeMax = Duration.milliseconds(500)

    private var namespaces: [ObservedNamespace]
    /// The series of each label.
    private var series: [String: NamespaceSeries] = [:]
    private let scope: NetworkNamespaceScope
    private let options: ScraperOptions

    init(_ options: ScraperOptions, source: any ConnectionSource & ListenerSource) {
        scope = options.networkNamespaces
        self.options = options
        namespaces = [ObservedNamespace(nil, source: source, options)]
    }

    /// Reads the own table, and if that succeeds the others.
    mutating func read(
        _ lookup: inout OwnerLookup, _ host: any HostInformation, _ report: inout ScrapeReport
    ) {
        for index in namespaces.indices { namespaces[index].beginScrape() }
        namespaces[0].read(&lookup, host, &report)
        if namespaces[0].isRead, scope == .all {
            let foundCount = findOthers(&lookup, host, &report)
            let readCount = readOthers(&lookup, host, &report)
            report.namespacesWereRead(skippedCount: foundCount - readCount)
        }
        report.tablesWereRead()
    }

    /// Threads that were given up because the kernel does not answer them.
    var stuckThreadCount: Int { namespaces[0].source.stuckThreadCount }

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

    /// Writes the families of all tables that were read. Namespaces of one label are one, by addition.
    ///
    /// - Returns: The processes that hold what can be a problem.
    mutating func write(
        to exposition: inout TextExposition, _ history: inout ScrapeHistory,
        _ directory: ModuleDirectory, _ owners: borrowing ResolvedOwners
    ) -> [Suspect] {
        var suspects: [Suspect] = []
        let labels = namespaces.map { $0.label(owners) }
        if series.keys.contains(where: { !labels.contains($0) }) {
            series = series.filter { labels.contains($0.key) }
        }
        var rest = namespaces.indices.sorted { labels[$0] < labels[$1] }[...]
        while let first = rest.first {
            let label = labels[first]
            let group = rest.prefix { labels[$0] == label }
            rest = rest.dropFirst(group.count)
            let tables = group.compactMap { namespaces[$0].isRead ? namespaces[$0] : nil }
            guard !tables.isEmpty else { continue }
            var written = series.removeValue(forKey: label) ?? NamespaceSeries(label, options)
            written.write(tables, to: &exposition, directory)
            written.note(in: &history, &suspects, tables, owners)
            series[label] = written
        }
        if !namespaces.allSatisfy(\.isRead) { history.noteIncomplete() }
        let counts = namespaces.filter(\.isRead).compactMap(\.collectors.state?.total)
        if !counts.isEmpty { history.note(.sockets, counts.reduce(0, +)) }
        return suspects
    }

    /// Forgets what is of no use after the scrape.
    mutating func endScrape() {
        for index in namespaces.indices { namespaces[index].endScrape() }
    }

    /// Drops the namespaces that are gone, and adds new ones.
    ///
    /// - Returns: How many there are.
    private mutating func findOthers(
        _ lookup: inout OwnerLookup, _ host: any HostInformation, _ report: inout ScrapeReport
    ) -> Int {
        do {
            let found = try host.networkNamespaces()
            report.namespacesWereFound(found)
            let known = Dictionary(
                namespaces.dropFirst().map { ($0.namespace?.inode, $0) }, uniquingKeysWith: { $1 })
            namespaces.removeLast(namespaces.count - 1)
            for namespace in found.chosenOthers {
                var observed =
                    known[namespace.inode].flatMap {
                        $0.namespace?.isSame(as: namespace) == true ? $0 : nil
                    }
                    ?? ObservedNamespace(namespace, source: namespaces[0].source, options)
                observed.namespace = namespace
                observed.findContainer(&lookup, host)
                namespaces.append(observed)
            }
            return found.others.count
        } catch {
            report.namespacesFailed(error)
            return namespaces.count - 1
        }
    }

    /// Reads the others, until their time is up.
    ///
    /// - Returns: How many were tried. Where entering them is not permitted, none is missed.
    private mutating func readOthers(
        _ lookup: inout OwnerLookup, _ host: any HostInformation, _ report: inout ScrapeReport
    ) -> Int {
        let deadline = MonotonicTime.now + Self.othersTimeMax
        for index in namespaces.indices.dropFirst() {
            guard MonotonicTime.now < deadline else { return index - 1 }
            readOther(index, &lookup, host, &report)
            if report.isEnteringDenied { return .max }
        }
        return namespaces.count - 1
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
