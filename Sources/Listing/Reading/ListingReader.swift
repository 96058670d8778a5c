package import Owners
package import TCPModel
import TCPTable

/// Reads the table for listings.
package struct ListingReader {
    private var source: any ConnectionSource & ListenerSource
    private var reader: TableReader
    private let options: ListingOptions
    private let charset: Charset

    private var filter: RowFilter { options.filter }

    package init(
        _ options: ListingOptions, source: any ConnectionSource & ListenerSource,
        resolver: OwnerResolver, charset: Charset = .utf8
    ) {
        self.source = source
        reader = TableReader(source: source, resolver: resolver)
        self.options = options
        self.charset = charset
    }

    mutating func read() throws(ListingError) -> ListingResult {
        let choice = try options.networkNamespaces.scope(options.host.information)
        var listing: ListingResult
        do throws(TCPTableError) { listing = try readContent(choice.scope) } catch {
            throw .table(error)
        }
        if listing.tableCount == 0 {
            throw .namespace(listing.problems.first ?? "the network namespace no longer exists")
        }
        let needsOffloadStates = options.summary == .offload || !filter.offloadStates.isEmpty
        if needsOffloadStates, let problem = listing.offloadProblem {
            throw .offloadHidden(problem)
        }
        listing.problems += choice.problems
        listing.order = listing.content.order(options.sort)
        return listing
    }

    private mutating func readContent(
        _ scope: NamespaceScope
    ) throws(TCPTableError) -> ListingResult {
        switch options.summary {
        case nil:
            let (charset, isJSON) = (charset, options.isJSON)
            return try readTables(scope, isOrdered: true) {
                RowListing($0, $1, charset, includingDetails: isJSON)
            }
        case .module, .process:
            let (charset, summary) = (charset, options.summary ?? .module)
            return try readTables(scope, isOrdered: false) { tables, places in
                var counts = GroupCounts(summary)
                for place in places {
                    counts.add(tables[Int(place.table)].table[Int(place.row)])
                }
                return counts.content(charset)
            }
        case .state: return try readCounts(scope, ValueSummary(.state))
        case .offload: return try readCounts(scope, ValueSummary(.offload))
        case .user, .remote, .port, .direction, .netns:
            return try readCounts(scope, GroupCounts(options.summary ?? .user))
        }
    }
}

// With owners.
extension ListingReader {
    /// Searches for the owners of rows that pass the filters that need no owner.
    private mutating func readTables(
        _ scope: NamespaceScope, isOrdered: Bool,
        _ content: ([NamespaceTable], [RowListing.Place]) -> any ListingContent
    ) throws(TCPTableError) -> ListingResult {
        var tally = FilterTally(filter)
        var read = try reader.read(scope) { tally.contains($0) }
        if isOrdered {
            for index in read.tables.indices { read.tables[index].table.sort() }
        }
        let places = places(read.tables)
        var listing = ListingResult(
            content: content(read.tables, places), tableCount: read.tables.count,
            problems: read.problems + (options.naming?.problems ?? []),
            offloadProblem: read.tables.lazy.compactMap(\.table.offloadProblem).first?.description)
        if places.isEmpty {
            let rows = read.tables.map(\.table).joined()
            listing.emptiness = tally.word(rows)
        }
        return listing
    }

    /// The rows that pass all filters.
    private func places(_ tables: [NamespaceTable]) -> [RowListing.Place] {
        var places: [RowListing.Place] = []
        places.reserveCapacity(filter.needsOwners ? 0 : tables.map(\.table.count).reduce(0, +))
        for (number, table) in tables.enumerated() {
            for row in table.table.indices {
                if filter.needsOwners, !filter.contains(ownerOf: table.table[row]) { continue }
                places.append(RowListing.Place(table: UInt32(number), row: UInt32(row)))
            }
        }
        return places
    }
}

// Counts for which no owner is searched, unless a filter needs it.
extension ListingReader {
    private mutating func readCounts(
        _ scope: NamespaceScope, _ counter: some RowCounter
    ) throws(TCPTableError) -> ListingResult {
        guard filter.needsOwners else { return try count(scope, counter) }
        let charset = charset
        return try readTables(scope, isOrdered: false) { tables, places in
            var counter = counter
            var rest = places[...]
            for (number, table) in tables.enumerated() {
                counter.begin(
                    CountedTable(
                        number: number, namespace: table.namespace?.label,
                        directions: Directions(table.listeners)))
                let rows = rest.prefix { $0.table == UInt32(number) }
                for place in rows { counter.add(table.table[Int(place.row)].connection) }
                rest = rest.dropFirst(rows.count)
            }
            return counter.content(charset)
        }
    }

    private mutating func count(
        _ scope: NamespaceScope, _ start: some RowCounter
    ) throws(TCPTableError) -> ListingResult {
        var counter = start
        var tally = FilterTally(filter)
        var listing = ListingResult(content: start.content(charset), tableCount: 0, problems: [])
        var isEmpty = true
        for (number, namespace) in scope.namespaces.enumerated() {
            var outcome: Result<DumpOutcome, ConnectionSourceError> = .success(DumpOutcome())
            do throws(FileError) {
                try scope.enter(namespace) {
                    outcome = Result { () throws(ConnectionSourceError) in
                        try countTable(
                            number, namespace?.label, &counter, &tally, isEmpty: &isEmpty)
                    }
                }
            } catch {
                let problem = namespace.flatMap { NamespaceScope.problem($0, error) }
                listing.problems += problem.map { [$0] } ?? []
                // Nor may others be entered then.
                if error.isDenied { break }
                continue
            }
            switch outcome {
            case .success(let outcome): listing.add(outcome, namespace)
            case .failure(let error):
                counter.rollBack()
                if namespace == nil { throw TCPTableError(error) }
                listing.problems.append(namespace.problemPrefix + "\(error)")
            }
        }
        listing.content = counter.content(charset)
        if isEmpty { listing.emptiness = tally.word([]) }
        return listing
    }

    /// Counts the rows of the calling thread's network namespace.
    private mutating func countTable(
        _ number: Int, _ namespace: String?, _ counter: inout some RowCounter,
        _ tally: inout FilterTally, isEmpty: inout Bool
    ) throws(ConnectionSourceError) -> DumpOutcome {
        // Listeners come first: they tell the direction of the rest.
        let listeners = counter.needsDirections ? try source.listeners() : []
        counter.begin(
            CountedTable(
                number: number, namespace: namespace, directions: Directions(listeners)))
        var rows: [TCPConnection] = []
        while true {
            switch try source.next(&rows) {
            case .rows:
                for row in rows where tally.contains(row) {
                    counter.add(row)
                    isEmpty = false
                }
            case .restarted: counter.rollBack()
            case .complete(let outcome): return outcome
            }
        }
    }
}

extension ListingResult {
    /// Notes that a table was read to its end.
    fileprivate mutating func add(_ outcome: DumpOutcome, _ namespace: NetworkNamespace?) {
        tableCount += 1
        problems += outcome.problems.map { namespace.problemPrefix + $0 }
        offloadProblem = offloadProblem ?? outcome.offloadProblem?.description
    }
}
