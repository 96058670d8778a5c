/// A listing and the one before, and what differs.
struct WatchHistory {
    private(set) var current: any ListingContent
    private(set) var previous: (any ListingContent)?
    /// What each row says, by what it is about.
    private var versions: [Int: Int]
    /// The mark of each row.
    private var marks: [WatchRows.Mark]
    /// The rows of the previous listing that are gone, and their places there.
    private var gone: [Int] = []

    init(_ first: any ListingContent) {
        current = first
        versions = Self.versions(first)
        marks = Array(repeating: .none, count: first.rowCount)
    }

    /// Goes on to the next listing.
    mutating func advance(_ next: any ListingContent) {
        let before = versions
        versions = Self.versions(next)
        marks = (0..<next.rowCount).map { row in
            guard let version = before[next.identity(row: row)] else { return .new }
            return version == next.version(row: row) ? .none : .changed
        }
        let last = current
        gone = (0..<last.rowCount).filter { versions[last.identity(row: $0)] == nil }
        previous = gone.isEmpty ? nil : last
        current = next
    }

    private static func versions(_ content: any ListingContent) -> [Int: Int] {
        var versions: [Int: Int] = [:]
        versions.reserveCapacity(content.rowCount)
        for row in 0..<content.rowCount {
            versions[content.identity(row: row)] = content.version(row: row)
        }
        return versions
    }

    /// The listing that a row is of.
    func content(of entry: WatchRows.Entry) -> any ListingContent {
        entry.mark == .gone ? previous ?? current : current
    }

    /// All rows in an order, those that are gone where they would be.
    func entries(_ sort: ColumnSort?) -> [WatchRows.Entry] {
        let order = current.order(sort) ?? Array(0..<current.rowCount)
        var rest = goneInOrder(sort)[...]
        let merge = Merge(sort ?? current.ownSort, current, previous)
        var entries: [WatchRows.Entry] = []
        entries.reserveCapacity(order.count + rest.count)
        for row in order {
            while let first = rest.first,
                merge?.precedes(first.row, row) ?? (first.place <= entries.count)
            {
                entries.append(WatchRows.Entry(row: first.row, mark: .gone))
                rest = rest.dropFirst()
            }
            entries.append(WatchRows.Entry(row: row, mark: marks[row]))
        }
        return entries + rest.map { WatchRows.Entry(row: $0.row, mark: .gone) }
    }

    /// The rows that are gone, each with its place among all of the previous listing.
    private func goneInOrder(_ sort: ColumnSort?) -> [(place: Int, row: Int)] {
        guard let previous else { return [] }
        let isGone = Set(gone)
        let order = previous.order(sort) ?? Array(0..<previous.rowCount)
        return order.enumerated().filter { isGone.contains($0.element) }
            .map { (place: $0.offset, row: $0.element) }
    }

    /// Where rows of the previous listing belong among the current ones.
    private struct Merge {
        private let isDescending: Bool
        private let current: (content: any ListingContent, column: Int)
        private let previous: (content: any ListingContent, column: Int)

        /// Nil if either listing has no such column.
        init?(
            _ sort: ColumnSort?, _ current: any ListingContent, _ previous: (any ListingContent)?
        ) {
            func column(_ content: any ListingContent) -> Int? {
                content.columns.firstIndex { $0.name == sort?.column }
            }
            guard let sort, let previous, let now = column(current), let before = column(previous)
            else { return nil }
            isDescending = sort.isDescending ?? current.columns[now].isNumber
            self.current = (current, now)
            self.previous = (previous, before)
        }

        func precedes(_ gone: Int, _ row: Int) -> Bool {
            let a = previous.content.sortKey(row: gone, column: previous.column)
            let b = current.content.sortKey(row: row, column: current.column)
            if a.isMissing != b.isMissing { return b.isMissing }
            return isDescending ? !(a < b) : !(b < a)
        }
    }
}
