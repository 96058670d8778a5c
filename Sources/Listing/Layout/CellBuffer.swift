import ByteText
import TCPModel

/// The cells of one row. One buffer serves all rows.
struct CellBuffer {
    private(set) var bytes: [UInt8] = []
    private(set) var cells: [Cell] = []

    struct Cell {
        var end: Int
        var width: Int
        var emphasis: Emphasis
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
    }

    /// The bytes of one cell.
    func text(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : cells[index - 1].end)..<cells[index].end]
    }

    /// - Parameter write: Appends the text and returns its width in columns.
    mutating func add(_ emphasis: Emphasis = .none, _ write: (inout [UInt8]) -> Int) {
        let width = write(&bytes)
        cells.append(Cell(end: bytes.count, width: width, emphasis: emphasis))
    }

    /// - Parameter text: ASCII.
    mutating func add(_ text: StaticString, _ emphasis: Emphasis = .none) {
        bytes.append(text)
        cells.append(
            Cell(end: bytes.count, width: text.utf8CodeUnitCount, emphasis: emphasis))
    }

    mutating func add(_ number: UInt64, _ emphasis: Emphasis = .none) {
        add(emphasis) { bytes in
            let start = bytes.count
            bytes.append(decimal: number)
            return bytes.count - start
        }
    }

    /// Adds a count; 0 is faint.
    mutating func add(count: UInt64, _ emphasis: Emphasis = .none) {
        add(count, count == 0 ? .faint : emphasis)
    }

    /// Adds a name; nil is `-`.
    mutating func add(visible name: String?, _ charset: Charset) {
        guard let name else { return add("-", .faint) }
        add { $0.append(visible: name, charset) }
    }

    /// Adds why an owner is missing, in parentheses.
    mutating func add(reason: UnattributedReason) {
        add(.faint) { bytes in
            bytes.append("(")
            bytes.append(reason.label)
            bytes.append(")")
            return reason.label.utf8CodeUnitCount + 2
        }
    }

    /// Adds a cell of another buffer.
    mutating func add(_ cell: Int, of other: CellBuffer) {
        bytes += other.text(cell)
        cells.append(
            Cell(
                end: bytes.count, width: other.cells[cell].width,
                emphasis: other.cells[cell].emphasis))
    }
}
