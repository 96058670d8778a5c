import Linux

/// What a listing shows, in either form: rows and columns of text, or JSON.
protocol ListingContent {
    var columns: [Column] { get }
    var rowCount: Int { get }

    /// Adds the cells of a row, one for each column.
    func fill(_ cells: inout CellBuffer, row: Int)

    /// Appends a row as a JSON object, and ends the line.
    ///
    /// - Parameter time: When the table was read; nil leaves it out.
    func writeJSON(row: Int, _ time: WallTime?, to bytes: inout [UInt8])
}
