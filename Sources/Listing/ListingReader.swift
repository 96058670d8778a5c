import Linux
import OwnerModules
package import Procfs
import SockDiag
package import TCPConnections
import TCPTable

/// Reads what is to be listed, one table after the other.
package struct ListingReader<Source: TCPTableSource> {
    private var source: Source
    private var reader: TableReader<Source>
    private let filter: RowFilter
    private let summary: ListingOptions.Summary?
    private let charset: Charset

    package init(
        _ options: ListingOptions, source: Source, procfs: ProcFS, cgroupfs: CgroupFS,
        charset: Charset = .utf8
    ) {
        self.source = source
        reader = TableReader(source: source, procfs: procfs, cgroupfs: cgroupfs)
        filter = options.filter
        summary = options.summary
        self.charset = charset
    }

    mutating func read() throws(ListingFailure) -> Reading {
        let reading: Reading
        do throws(TCPTableError) { reading = try readContent() } catch { throw .table(error) }
        let asksForOffload = summary == .offload || !filter.offloadStates.isEmpty
        if asksForOffload, let problem = reading.offloadProblem { throw .hidden(problem) }
        return reading
    }

    private mutating func readContent() throws(TCPTableError) -> Reading {
        switch summary {
        case nil: try readTable(ordered: true) { RowSheet($0, at: $1, $2) }
        case .module: try readTable(ordered: false) { ModuleSummary(Self.rows($0, $1), $2) }
        case .state: try readValues(.state)
        case .offload: try readValues(.offload)
        }
    }

    /// Owners are looked for of the rows that are wanted, as far as the rows tell.
    private mutating func readTable(
        ordered: Bool, _ content: (TCPTable, [Int]?, Charset) -> any Content
    ) throws(TCPTableError) -> Reading {
        let filter = filter
        var table = try reader.read { filter.contains($0) }
        if ordered { table = table.ordered() }
        let places =
            filter.asksForOwners
            ? table.indices.filter { filter.contains(ownerOf: table[$0]) } : nil
        return Reading(
            content: content(table, places, charset), problems: table.problems,
            offloadProblem: table.isOffloadKnown ? nil : TCPSocketDump.Outcome.hiddenKernelTLS)
    }

    private static func rows(_ table: TCPTable, _ places: [Int]?) -> [TCPRow] {
        places.map { places in places.map { table[$0] } } ?? Array(table)
    }

    /// Counting needs no owner, unless one is asked for.
    private mutating func readValues(
        _ grouping: ValueSummary.Grouping
    ) throws(TCPTableError) -> Reading {
        guard filter.asksForOwners else { return try countValues(grouping) }
        return try readTable(ordered: false) { table, places, _ in
            var summary = ValueSummary(grouping)
            for place in places ?? Array(table.indices) { summary.add(table[place].connection) }
            return summary
        }
    }

    private mutating func countValues(
        _ grouping: ValueSummary.Grouping
    ) throws(TCPTableError) -> Reading {
        let filter = filter
        var summary = ValueSummary(grouping)
        do throws(SockDiagError) {
            let outcome = try source.read {
                summary.removeAll()
            } body: { connection in
                if filter.contains(connection) { summary.add(connection) }
            }
            return Reading(
                content: summary, problems: outcome.problems,
                offloadProblem: outcome.isKernelTLSHidden
                    ? TCPSocketDump.Outcome.hiddenKernelTLS : nil)
        } catch {
            throw TCPTableError(error)
        }
    }
}

/// What was read, and what could not be known.
struct Reading {
    var content: any Content
    var time = WallTime.now()
    var problems: [String]
    /// Why offload states are not known; nil when they are.
    var offloadProblem: String?
}
