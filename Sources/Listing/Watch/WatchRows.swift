import ByteText

/// The rows of a watch: those of a listing in the order of its view, with marks of what has changed since
/// the last reading, and the rows that have gone since.
struct WatchRows {
    enum Mark {
        case none
        case new
        case changed
        case gone
    }

    struct Entry: Equatable {
        /// A row of the listing; if it is gone, of the one before.
        var row: Int
        var mark: Mark
    }

    private let history: WatchHistory
    private let sort: ColumnSort?
    private let charset: Charset
    let entries: [Entry]

    init(_ history: WatchHistory, _ view: WatchView, _ charset: Charset) {
        self.history = history
        sort = view.sort
        self.charset = charset
        let all = history.entries(view.sort)
        let needle = view.filter.utf8.map(Self.lowercased)
        guard !needle.isEmpty else {
            entries = all
            return
        }
        var cells = CellBuffer()
        entries = all.filter { entry in
            cells.removeAll()
            history.content(of: entry).fill(&cells, row: entry.row)
            return cells.cells.indices.contains {
                cells.text($0).lazy.map(Self.lowercased).firstRange(of: needle) != nil
            }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        0x41...0x5A ~= byte ? byte | 0x20 : byte
    }
}

extension WatchRows: CellRows {
    var rowCount: Int { entries.count }

    var columns: [Column] {
        [Column(title: " ", gap: 1)]
            + history.current.columns.map { column in
                guard column.name == sort?.column else { return column }
                var column = column
                column.title += arrow(sort?.isDescending ?? column.isNumber)
                return column
            }
    }

    private func arrow(_ isDescending: Bool) -> String {
        switch charset {
        case .utf8: isDescending ? "▼" : "▲"
        case .ascii: isDescending ? "-" : "+"
        }
    }

    func fill(_ cells: inout CellBuffer, row: Int) {
        let entry = entries[row]
        switch entry.mark {
        case .none: cells.add(" ")
        case .new: cells.add("+", .new)
        case .changed: cells.add("~", .warning)
        case .gone: cells.add("-", .faint)
        }
        if entry.mark == .gone {
            fillGone(&cells, entry.row)
        } else {
            history.current.fill(&cells, row: entry.row)
        }
    }

    /// The listing before may have had other columns.
    private func fillGone(_ cells: inout CellBuffer, _ row: Int) {
        guard let previous = history.previous else { return }
        var old = CellBuffer()
        previous.fill(&old, row: row)
        let titles = previous.columns.map(\.title)
        for column in history.current.columns {
            if let index = titles.firstIndex(of: column.title) {
                cells.add(index, of: old)
            } else {
                cells.add("-", .faint)
            }
        }
    }
}
