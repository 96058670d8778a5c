/// Lays out rows as aligned lines: measures the columns first, then writes.
struct ColumnLayout<Rows: CellRows> {
    private let rows: Rows
    private let columns: [Column]
    private let style: TextStyle
    /// Spaces between columns: two, which no cell has in a row, or one on a narrow terminal.
    private var gap = 2
    /// The width of each column; 0 hides it.
    private(set) var widths: [Int]
    private var cells = CellBuffer()

    /// - Parameter shown: The rows that will be written.
    init(_ rows: Rows, rows shown: Range<Int>, _ style: TextStyle) {
        self.rows = rows
        self.style = style
        columns = rows.columns
        widths = columns.map { $0.isHidden ? 0 : $0.title.unicodeScalars.count }
        for row in shown { measure(row) }
        for index in columns.indices where columns[index].isHidden { widths[index] = 0 }
        for index in 0..<min(style.scrolledColumns, columns.count)
        where columns[index].gap == nil { widths[index] = 0 }
        if let columnsMax = style.columnsMax { fit(columnsMax) }
    }

    private mutating func measure(_ row: Int) {
        cells.removeAll()
        rows.fill(&cells, row: row)
        for (index, cell) in cells.cells.enumerated() where cell.width > widths[index] {
            widths[index] = cell.width
        }
    }

    mutating func writeHeader(to bytes: inout [UInt8]) {
        cells.removeAll()
        for column in columns {
            cells.add(.title) { bytes in
                bytes.append(contentsOf: column.title.utf8)
                return column.title.unicodeScalars.count
            }
        }
        writeCells(to: &bytes)
    }

    mutating func write(row: Int, to bytes: inout [UInt8]) {
        cells.removeAll()
        rows.fill(&cells, row: row)
        writeCells(to: &bytes)
    }

    private func writeCells(to bytes: inout [UInt8]) {
        var position = 0
        var end = 0
        for index in columns.indices where widths[index] > 0 {
            let cell = cells.cells[index]
            let slack = max(0, widths[index] - cell.width)
            let start = end + (columns[index].isNumber ? slack : 0)
            // A last cell without text needs no spaces before it.
            if cell.width > 0 { bytes.append(spaces: start - position) }
            position = cell.width > 0 ? start + write(cell, index, to: &bytes) : position
            end += widths[index] + (columns[index].gap ?? gap)
        }
        bytes.endLine(width: position, style)
    }

    /// - Returns: The width in columns.
    private func write(_ cell: CellBuffer.Cell, _ index: Int, to bytes: inout [UInt8]) -> Int {
        let isCut = cell.width > widths[index]
        var width = cell.width
        bytes.begin(cell.emphasis, style)
        if isCut {
            width = bytes.append(cells.text(index), cutTo: widths[index], style)
        } else {
            bytes.append(contentsOf: cells.text(index))
        }
        bytes.end(cell.emphasis, style)
        return width
    }
}

// Fitting a terminal.
extension ColumnLayout {
    /// Narrows the gap to one space, cuts the names that may be cut, and leaves out columns, one after the
    /// other. Addresses are never cut: where even that is too wide, a screen shows the columns that it has
    /// room for, and lines elsewhere are longer than the terminal is wide.
    private mutating func fit(_ columnsMax: Int) {
        guard total > columnsMax else { return }
        let natural = widths
        gap = 1
        let orders = [nil] + Set(columns.compactMap(\.leftOutOrder)).sorted()
        for last in orders {
            widths = natural
            if let last {
                for index in columns.indices where columns[index].leftOutOrder ?? .max <= last {
                    widths[index] = 0
                }
            }
            cutNames(columnsMax)
            if total <= columnsMax { return }
        }
        if style.isScreen {
            crop(columnsMax)
        } else {
            widths = natural
            gap = 2
        }
    }

    /// Cuts names down to their columns' minimum, the widest first.
    private mutating func cutNames(_ columnsMax: Int) {
        while total > columnsMax {
            let wide = columns.indices.filter { index in
                columns[index].widthMin.map { widths[index] > $0 } ?? false
            }
            guard let widest = wide.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    /// Leaves out columns from the right; the last one that is left is cut.
    private mutating func crop(_ columnsMax: Int) {
        for index in columns.indices.reversed() where total > columnsMax && shownCount > 1 {
            widths[index] = 0
        }
        guard total > columnsMax, let last = columns.indices.last(where: { widths[$0] > 0 }) else {
            return
        }
        if columnsMax <= total - widths[last] {
            for index in columns.indices where index != last { widths[index] = 0 }
        }
        widths[last] -= total - columnsMax
    }

    private var shownCount: Int {
        columns.indices.count { widths[$0] > 0 && columns[$0].gap == nil }
    }

    private var total: Int {
        var total = 0
        var lastGap = 0
        for index in columns.indices where widths[index] > 0 {
            lastGap = columns[index].gap ?? gap
            total += widths[index] + lastGap
        }
        return total - lastGap
    }
}
