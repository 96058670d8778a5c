import TCPModel
import TCPTable

/// By which column rows are sorted.
package struct ColumnSort: Equatable, Sendable {
    /// The column's name: its title in lower case.
    package var column: String
    /// Nil is the usual direction: numbers from the largest, the rest from the first.
    package var isDescending: Bool?

    package init(_ column: String, isDescending: Bool? = nil) {
        self.column = column
        self.isDescending = isDescending
    }

    /// Reads `COLUMN`, `COLUMN:asc` or `COLUMN:desc`.
    package init(_ text: String, of summary: ListingOptions.Summary?) throws(InvalidArgument) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let name = parts[0].lowercased()
        let names = Self.columns(of: summary)
        guard names.contains(name) else {
            throw InvalidArgument(
                description: "no column '\(parts[0])'"
                    + NearestNames.suffix(name, among: names) + "; the columns are "
                    + names.joined(separator: ", "))
        }
        self.init(name)
        switch parts.dropFirst() {
        case []: break
        case ["asc"]: isDescending = false
        case ["desc"]: isDescending = true
        default:
            throw InvalidArgument(
                description: "use '\(name)', '\(name):asc' or '\(name):desc'")
        }
    }

    /// The names of the columns that a listing has.
    package static func columns(of summary: ListingOptions.Summary?) -> [String] {
        guard let summary else { return RowListing.titles.map { $0.lowercased() } }
        switch summary {
        case .state, .offload: return [summary.rawValue, "ipv4", "ipv6", "total"]
        default:
            return GroupSummary.titles(summary).map { $0.lowercased() }
                + TCPState.inOrder.map(\.label.description) + ["total"]
        }
    }
}

/// A value that rows are sorted by. The parts that a column does not use are the same in all its rows.
struct SortKey: Comparable {
    var isMissing = false
    var rank: UInt8 = 0
    var number: UInt128 = 0
    var port: UInt16 = 0
    var text = ""

    static let missing = SortKey(isMissing: true)

    static func number(_ number: some FixedWidthInteger) -> SortKey {
        SortKey(number: UInt128(truncatingIfNeeded: number))
    }

    static func text(_ text: String?) -> SortKey {
        text.map { SortKey(text: $0) } ?? .missing
    }

    static func endpoint(_ address: IPAddress, _ port: UInt16) -> SortKey {
        SortKey(rank: address.family.rawValue, number: address.number, port: port)
    }

    static func < (a: SortKey, b: SortKey) -> Bool {
        if a.rank != b.rank { return a.rank < b.rank }
        if a.number != b.number { return a.number < b.number }
        if a.port != b.port { return a.port < b.port }
        return a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }
}
