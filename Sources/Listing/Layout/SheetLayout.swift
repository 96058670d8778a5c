/// A sheet's rows as lines: first it looks how wide the columns are, then it writes.
struct SheetLayout<Content: Sheet> {
    private var content: Content
    private let columns: [Column]
    private let style: TextStyle
    /// Between columns: two spaces, which no cell has in a row, or one where room is short.
    private var gap = 2
    /// 0 leaves a column out.
    private(set) var widths: [Int]
    /// Whether all cells of a column are faint.
    private var areFaint: [Bool]
    private var cells = Cells()

    /// - Parameter rows: Those that will be written.
    init(_ content: Content, rows: Range<Int>, _ style: TextStyle) {
        self.content = content
        self.style = style
        columns = content.columns
        widths = columns.map(\.title.utf8.count)
        areFaint = columns.map { _ in true }
        for row in rows { measure(row) }
        if let columnsMax = style.columnsMax {
            fit(columnsMax)
        }
    }

    private mutating func measure(_ row: Int) {
        cells.removeAll()
        content.fill(&cells, row: row)
        for (index, cell) in cells.cells.enumerated() {
            if cell.width > widths[index] { widths[index] = cell.width }
            if cell.emphasis != .faint { areFaint[index] = false }
        }
    }

    mutating func writeHeader(to bytes: inout [UInt8]) {
        cells.removeAll()
        for column in columns {
            cells.add(.title) { bytes in
                bytes.append(contentsOf: column.title.utf8)
                return column.title.utf8.count
            }
        }
        writeCells(to: &bytes)
    }

    mutating func write(row: Int, to bytes: inout [UInt8]) {
        cells.removeAll()
        content.fill(&cells, row: row)
        writeCells(to: &bytes)
    }

    private func writeCells(to bytes: inout [UInt8]) {
        var position = 0
        var end = 0
        for index in columns.indices where widths[index] > 0 {
            let cell = cells.cells[index]
            let slack = max(0, widths[index] - cell.width)
            let start = end + (columns[index].isNumber ? slack : 0)
            bytes.append(spaces: start - position)
            position = start + write(cell, index, to: &bytes)
            end += widths[index] + gap
        }
        bytes.endLine(width: position, style)
    }

    /// - Returns: The columns that it takes.
    private func write(_ cell: Cells.Cell, _ index: Int, to bytes: inout [UInt8]) -> Int {
        let isCut = cell.width > widths[index]
        var width = cell.width
        bytes.begin(cell.emphasis, style)
        if isCut {
            width = bytes.append(
                cells.text(index), cutTo: widths[index],
                keepsPort: columns[index].shrink?.keepsPort == true, style)
        } else {
            bytes.append(contentsOf: cells.text(index))
        }
        bytes.end(cell.emphasis, style)
        return width
    }
}

// Fitting a terminal.
extension SheetLayout {
    /// First what tells nothing goes, then the second space between columns. Then columns that can
    /// be cut are made narrower, down to their least, the widest of a turn before the others; and
    /// where that is too little, columns go from the right.
    private mutating func fit(_ columnsMax: Int) {
        for index in columns.indices where columns[index].isDispensable && areFaint[index] {
            if total > columnsMax { widths[index] = 0 }
        }
        if total > columnsMax { gap = 1 }
        for turn in Set(columns.compactMap(\.shrink?.turn)).sorted() { shrink(turn, columnsMax) }
        for index in columns.indices.reversed() where total > columnsMax {
            widths[index] = max(0, widths[index] - (total - columnsMax))
        }
    }

    private mutating func shrink(_ turn: Int, _ columnsMax: Int) {
        let givers = columns.indices.filter { columns[$0].shrink?.turn == turn }
        while total > columnsMax {
            let wide = givers.filter { widths[$0] > columns[$0].shrink?.widthMin ?? 0 }
            guard let widest = wide.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    private var total: Int {
        let shown = widths.filter { $0 > 0 }
        return shown.reduce(0, +) + max(0, shown.count - 1) * gap
    }
}
