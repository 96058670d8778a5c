import ByteText
import Owners
import TCPModel

/// Rows counted by group and state, the largest total first.
struct GroupSummary {
    struct Row {
        var group: Group
        var counts: StateCounts
    }

    let summary: ListingOptions.Summary
    let rows: [Row]
    /// The states that occur.
    let states: [TCPState]
    let names: GroupNames
    let charset: Charset

    init(_ counts: GroupCounts, _ charset: Charset) {
        summary = counts.summary
        names = GroupNames(counts)
        self.charset = charset
        rows = Self.sorted(counts, names)
        states = TCPState.inOrder.filter { state in
            counts.counts.values.contains { $0[state] > 0 }
        }
    }

    private static func sorted(_ counts: GroupCounts, _ names: GroupNames) -> [Row] {
        var keyed = counts.counts.map { group, counts in
            (key: names.sortKey(group, 0), row: Row(group: group, counts: counts))
        }
        keyed.sort { a, b in
            if a.row.counts.total != b.row.counts.total {
                return a.row.counts.total > b.row.counts.total
            }
            if a.key.isMissing != b.key.isMissing { return b.key.isMissing }
            return a.key < b.key
        }
        return keyed.map(\.row)
    }
}

extension GroupSummary: ListingContent {
    /// The titles of the columns before the counts.
    static func titles(_ summary: ListingOptions.Summary) -> [String] {
        switch summary {
        case .module: ["MODULE", "KIND"]
        case .process: ["PROGRAM", "PID"]
        case .user: ["USER"]
        case .remote: ["REMOTE"]
        case .port: ["PORT", "SERVICE", "DIRECTION"]
        case .direction: ["DIRECTION"]
        case .netns: ["NETNS"]
        case .state, .offload: []
        }
    }

    var rowCount: Int { rows.count }

    var columns: [Column] {
        let keys = Self.titles(summary).map { title in
            switch title {
            case "MODULE", "USER", "NETNS": Column(title: title, widthMin: 16)
            case "PROGRAM": Column(title: title, widthMin: 8)
            case "KIND", "SERVICE": Column(title: title, leftOutOrder: 0)
            case "PID", "PORT": Column(title: title, isNumber: true)
            default: Column(title: title)
            }
        }
        return keys
            + states.map { Column(title: $0.label.description.uppercased(), isNumber: true) }
            + [Column(title: "TOTAL", isNumber: true)]
    }

    func fill(_ cells: inout CellBuffer, row index: Int) {
        let row = rows[index]
        names.fill(&cells, row.group, summary, charset)
        for state in states {
            cells.add(count: UInt64(row.counts[state]), state == .closeWait ? .warning : .none)
        }
        cells.add(UInt64(row.counts.total))
    }

    func sortKey(row index: Int, column: Int) -> SortKey {
        let row = rows[index]
        let keyCount = Self.titles(summary).count
        if column < keyCount { return names.sortKey(row.group, column) }
        let state = column - keyCount
        return .number(state < states.count ? row.counts[states[state]] : row.counts.total)
    }

    func identity(row: Int) -> Int { rows[row].group.hashValue }

    func version(row index: Int) -> Int {
        var hasher = Hasher()
        for state in TCPState.allCases { hasher.combine(rows[index].counts[state]) }
        return hasher.finalize()
    }
}
