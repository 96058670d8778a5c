import Linux

/// Rows of cells.
protocol CellRows {
    var columns: [Column] { get }
    var rowCount: Int { get }

    /// Adds the cells of a row, one for each column, hidden ones included.
    func fill(_ cells: inout CellBuffer, row: Int)
}

/// What a listing shows, in either form: rows and columns of text, or JSON.
protocol ListingContent: CellRows {
    /// Appends a row as a JSON object, and ends the line.
    ///
    /// - Parameter time: When the table was read; nil leaves it out.
    func writeJSON(row: Int, _ time: WallTime?, to bytes: inout [UInt8])

    /// The column that the rows' own order is that of; nil if there is none.
    var ownSort: ColumnSort? { get }

    /// What a column sorts the row by.
    func sortKey(row: Int, column: Int) -> SortKey

    /// A hash of what the row is about: the same from one reading to the next.
    func identity(row: Int) -> Int

    /// A hash of what a watch marks as a change.
    func version(row: Int) -> Int
}

extension ListingContent {
    var ownSort: ColumnSort? { nil }

    /// The rows sorted by a column; nil leaves them in their own order. Rows without a value are last.
    func order(_ sort: ColumnSort?) -> [Int]? {
        guard let sort, let column = columns.firstIndex(where: { $0.name == sort.column }) else {
            return nil
        }
        let isDescending = sort.isDescending ?? columns[column].isNumber
        var rows = (0..<rowCount).map { (key: sortKey(row: $0, column: column), row: $0) }
        rows.sort { a, b in
            if a.key.isMissing != b.key.isMissing { return b.key.isMissing }
            if a.key < b.key { return !isDescending }
            if b.key < a.key { return isDescending }
            return a.row < b.row
        }
        return rows.map(\.row)
    }
}
