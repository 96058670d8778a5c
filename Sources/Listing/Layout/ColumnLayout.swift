/// Lays out rows as aligned lines: measures the columns first, then writes.
struct ColumnLayout<Content: ListingContent> {
    private let content: Content
    private let columns: [Column]
    private let style: TextStyle
    /// Spaces between columns: two, which no cell has in a row, or one on a narrow terminal.
    private var gap = 2
    /// The width of each column; 0 hides it.
    private(set) var widths: [Int]
    /// Whether all cells of a column are faint.
    private var areFaint: [Bool]
    private var cells = CellBuffer()

    /// - Parameter rows: The rows that will be written.
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

    /// - Returns: The width in columns.
    private func write(_ cell: CellBuffer.Cell, _ index: Int, to bytes: inout [UInt8]) -> Int {
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
extension ColumnLayout {
    /// Hides optional columns that are all faint, then narrows the gap to one space. After that it
    /// shrinks columns down to their minimum, the widest first, and at last cuts from the right.
    private mutating func fit(_ columnsMax: Int) {
        for index in columns.indices where columns[index].isOptional && areFaint[index] {
            if total > columnsMax { widths[index] = 0 }
        }
        if total > columnsMax { gap = 1 }
        for order in Set(columns.compactMap(\.shrink?.order)).sorted() { shrink(order, columnsMax) }
        for index in columns.indices.reversed() where total > columnsMax {
            widths[index] = max(0, widths[index] - (total - columnsMax))
        }
    }

    private mutating func shrink(_ order: Int, _ columnsMax: Int) {
        let candidates = columns.indices.filter { columns[$0].shrink?.order == order }
        while total > columnsMax {
            let wide = candidates.filter { widths[$0] > columns[$0].shrink?.widthMin ?? 0 }
            guard let widest = wide.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    private var total: Int {
        let shown = widths.filter { $0 > 0 }
        return shown.reduce(0, +) + max(0, shown.count - 1) * gap
    }
}
