import ByteText

/// Rows and columns of text, made a row at a time.
protocol Sheet {
    var columns: [Column] { get }
    var rowCount: Int { get }

    /// Adds the cells of a row, one for each column.
    mutating func fill(_ cells: inout Cells, row: Int)
}

/// A column of a sheet.
struct Column {
    var title: String
    /// Numbers stand at the right.
    var isNumber = false
    /// Whether it is the first to go on a narrow terminal, if all its cells are faint.
    var isDispensable = false
    /// Where it gives way on a narrow terminal; nil is nowhere, until there is no other way.
    var shrink: Shrink?

    struct Shrink {
        /// Columns with a lower number give way first.
        var turn: Int
        /// It is not made narrower than this while another way is left.
        var widthMin: Int
        /// Whether the end after the last colon is worth more than the middle: a port.
        var keepsPort = false
    }
}

/// What stands out in a cell. It says nothing that the text does not.
enum Emphasis: UInt8 {
    case none
    case title
    /// Worth a look.
    case attention
    /// Something is being lost.
    case alarm
    /// Not known, or nothing.
    case faint

    /// "Select Graphic Rendition" of ECMA-48.
    var controlSequence: StaticString {
        switch self {
        case .none: ""
        case .title: "\u{1B}[1m"
        case .attention: "\u{1B}[33m"
        case .alarm: "\u{1B}[1;31m"
        case .faint: "\u{1B}[2m"
        }
    }
}

/// The cells of one row, in one buffer that serves all rows.
struct Cells {
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

    /// - Parameter write: Appends the text, and gives the columns that it takes.
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

    /// A count, of which none is worth no look.
    mutating func add(count: UInt64, _ emphasis: Emphasis = .none) {
        add(count, count == 0 ? .faint : emphasis)
    }
}
