package import Owners
package import TCPModel
import TCPTable

/// Reads the table for listings.
package struct ListingReader {
    private var source: any ConnectionSource
    private var reader: TableReader
    private let filter: RowFilter
    private let summary: ListingOptions.Summary?
    private let naming: (any ProcessNaming)?
    private let charset: Charset

    package init(
        _ options: ListingOptions, source: any ConnectionSource, resolver: OwnerResolver,
        charset: Charset = .utf8
    ) {
        self.source = source
        reader = TableReader(source: source, resolver: resolver)
        filter = options.filter
        summary = options.summary
        naming = options.naming
        self.charset = charset
    }

    mutating func read() throws(ListingError) -> ListingResult {
        let listing: ListingResult
        do throws(TCPTableError) { listing = try readContent() } catch { throw .table(error) }
        let needsOffloadStates = summary == .offload || !filter.offloadStates.isEmpty
        if needsOffloadStates, let problem = listing.offloadProblem {
            throw .offloadHidden(problem)
        }
        return listing
    }

    private mutating func readContent() throws(TCPTableError) -> ListingResult {
        switch summary {
        case nil: try readTable(ordered: true) { RowListing($0, at: $1, $2) }
        case .module: try readTable(ordered: false) { ModuleSummary(Self.rows($0, $1), $2) }
        case .state: try readValues(.state)
        case .offload: try readValues(.offload)
        }
    }

    /// Searches for the owners of rows that pass the filters that need no owner.
    private mutating func readTable(
        ordered: Bool, _ content: (TCPTable, [Int]?, Charset) -> any ListingContent
    ) throws(TCPTableError) -> ListingResult {
        let filter = filter
        var table = try reader.read { filter.contains($0) }
        if ordered { table = table.ordered() }
        let indices =
            filter.needsOwners
            ? table.indices.filter { filter.contains(ownerOf: table[$0]) } : nil
        return ListingResult(
            content: content(table, indices, charset),
            problems: table.problems + (naming?.problems ?? []),
            offloadProblem: table.offloadProblem?.description)
    }

    private static func rows(_ table: TCPTable, _ indices: [Int]?) -> [TCPRow] {
        indices.map { indices in indices.map { table[$0] } } ?? Array(table)
    }

    /// Searches for owners only if a filter needs them.
    private mutating func readValues(
        _ grouping: ValueSummary.Grouping
    ) throws(TCPTableError) -> ListingResult {
        guard filter.needsOwners else { return try countValues(grouping) }
        return try readTable(ordered: false) { table, indices, _ in
            var summary = ValueSummary(grouping)
            for index in indices ?? Array(table.indices) { summary.add(table[index].connection) }
            return summary
        }
    }

    private mutating func countValues(
        _ grouping: ValueSummary.Grouping
    ) throws(TCPTableError) -> ListingResult {
        var summary = ValueSummary(grouping)
        var rows: [TCPConnection] = []
        while true {
            let step: DumpStep
            do throws(ConnectionSourceError) { step = try source.next(&rows) } catch {
                throw TCPTableError(error)
            }
            switch step {
            case .rows:
                for row in rows where filter.contains(row) { summary.add(row) }
            case .restarted:
                summary.removeAll()
            case .complete(let outcome):
                return ListingResult(
                    content: summary, problems: outcome.problems,
                    offloadProblem: outcome.offloadProblem?.description)
            }
        }
    }
}
