/// Which part of a listing a watch shows, and what keys change of it.
struct WatchView {
    /// The first row on the screen.
    private(set) var offset = 0
    /// How many columns were scrolled away to the left.
    private(set) var scrolledColumns = 0
    private(set) var sort: ColumnSort?
    /// Only rows with this text are shown.
    private(set) var filter = ""
    /// Whether keys write the filter.
    private(set) var isTyping = false

    private static let filterLengthMax = 64

    /// What is on the screen when a key is pressed.
    struct Frame {
        /// The rows that pass the filter.
        var rowCount: Int
        /// How many rows the screen has room for.
        var pageRowCount: Int
        /// Those of the listing.
        var columns: [Column]
    }

    /// What a key asks for.
    enum Command: Equatable {
        case none
        case draw
        /// Other rows, or another order.
        case arrange
        case quit
    }

    init(sort: ColumnSort? = nil) { self.sort = sort }

    mutating func press(_ key: Key, _ frame: Frame) -> Command {
        if isTyping { return type(key) }
        switch key {
        case .character("q"): return .quit
        case .character("/"):
            isTyping = true
            return .draw
        case .character("<"): return sortByNext(-1, frame.columns)
        case .character(">"): return sortByNext(1, frame.columns)
        case .character("r"): return reverse(frame.columns)
        case .escape:
            guard !filter.isEmpty else { return .none }
            filter = ""
            return .arrange
        default: return scroll(key, frame)
        }
    }

    /// Moves back to the rows that there are.
    mutating func clamp(_ frame: Frame) {
        offset = max(0, min(offset, frame.rowCount - frame.pageRowCount))
        let columnCount = frame.columns.count { !$0.isHidden }
        scrolledColumns = max(0, min(scrolledColumns, columnCount - 1))
    }
}

// Keys.
extension WatchView {
    private mutating func scroll(_ key: Key, _ frame: Frame) -> Command {
        switch key {
        case .up, .character("k"): offset -= 1
        case .down, .character("j"): offset += 1
        case .pageUp, .character("b"): offset -= max(1, frame.pageRowCount)
        case .pageDown, .character(" "): offset += max(1, frame.pageRowCount)
        case .home, .character("g"): offset = 0
        case .end, .character("G"): offset = frame.rowCount
        case .left, .character("h"): scrolledColumns -= 1
        case .right, .character("l"): scrolledColumns += 1
        default: return .none
        }
        clamp(frame)
        return .draw
    }

    private mutating func type(_ key: Key) -> Command {
        switch key {
        case .enter:
            isTyping = false
            return .draw
        case .escape:
            isTyping = false
            filter = ""
        case .backspace: filter = String(filter.unicodeScalars.dropLast())
        case .character(let scalar):
            guard filter.unicodeScalars.count < Self.filterLengthMax else { return .none }
            filter.unicodeScalars.append(scalar)
        default: return .none
        }
        return .arrange
    }

    /// Sorts by the next column that is shown; before the first and after the last one, rows are in their
    /// own order.
    private mutating func sortByNext(_ step: Int, _ columns: [Column]) -> Command {
        let names = columns.filter { !$0.isHidden }.map(\.name)
        let place = names.firstIndex { $0 == sort?.column } ?? (step > 0 ? -1 : names.count)
        sort = names.indices.contains(place + step) ? ColumnSort(names[place + step]) : nil
        return .arrange
    }

    private mutating func reverse(_ columns: [Column]) -> Command {
        guard let column = columns.first(where: { $0.name == sort?.column }) else { return .none }
        let isDescending = sort?.isDescending ?? column.isNumber
        sort?.isDescending = !isDescending
        return .arrange
    }
}
