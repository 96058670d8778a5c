import ByteText
import Linux
import OwnerModules
import TCPConnections
import TCPTable

/// Rows counted by module and state, the largest total first. Rows without a module are counted by
/// reason.
struct ModuleSummary {
    private let rows: [Row]
    /// The states that occur.
    private let states: [TCPState]
    private let charset: Charset

    private enum Owner: Hashable {
        case module(OwnerModule)
        case unattributed(UnattributedReason)
    }

    private struct Row {
        let owner: Owner
        var counts = Counts()
    }

    private struct Counts {
        var byState = InlineArray<11, UInt64>(repeating: 0)  // TCPState.count
        var total: UInt64 = 0

        mutating func add(_ state: TCPState) {
            byState[state.index] += 1
            total += 1
        }

        subscript(state: TCPState) -> UInt64 { byState[state.index] }
    }

    init(_ rows: some Sequence<TCPRow>, _ charset: Charset) {
        var counts: [Owner: Counts] = [:]
        var all = Counts()
        for row in rows {
            counts[Self.owner(of: row), default: Counts()].add(row.state)
            all.add(row.state)
        }
        self.rows = counts.map { Row(owner: $0, counts: $1) }.sorted(by: Self.precedes)
        states = TCPState.inOrder.filter { all[$0] > 0 }
        self.charset = charset
    }

    private static func owner(of row: TCPRow) -> Owner {
        row.module.map(Owner.module) ?? .unattributed(row.unattributedReason ?? .notFound)
    }

    private static func precedes(_ a: Row, _ b: Row) -> Bool {
        if a.counts.total != b.counts.total { return a.counts.total > b.counts.total }
        switch (a.owner, b.owner) {
        case (.module(let a), .module(let b)): return a < b
        case (.unattributed(let a), .unattributed(let b)): return a.rawValue < b.rawValue
        case (.module, .unattributed): return true
        case (.unattributed, .module): return false
        }
    }
}

extension ModuleSummary: ListingContent {
    var rowCount: Int { rows.count }

    var columns: [Column] {
        [
            Column(title: "MODULE", shrink: Column.Shrink(order: 0, widthMin: 16)),
            Column(title: "KIND"),
        ] + states.map { Column(title: $0.label.description.uppercased(), isNumber: true) }
            + [Column(title: "TOTAL", isNumber: true)]
    }

    func fill(_ cells: inout CellBuffer, row index: Int) {
        let row = rows[index]
        switch row.owner {
        case .module(let module):
            cells.add { $0.append(visible: module.name, charset) }
            cells.add(module.kind.label)
        case .unattributed(let reason):
            cells.add(.faint) { bytes in
                bytes.append("(")
                bytes.append(reason.label)
                bytes.append(")")
                return reason.label.utf8CodeUnitCount + 2
            }
            cells.add("-", .faint)
        }
        for state in states {
            cells.add(count: row.counts[state], state == .closeWait ? .warning : .none)
        }
        cells.add(row.counts.total)
    }

    func writeJSON(row index: Int, _ time: WallTime?, to bytes: inout [UInt8]) {
        let row = rows[index]
        var module: OwnerModule?
        var reason: UnattributedReason?
        switch row.owner {
        case .module(let owner): module = owner
        case .unattributed(let unattributedReason): reason = unattributedReason
        }
        bytes.beginObject(time)
        bytes.append("\"module\":")
        bytes.append(json: module?.name)
        bytes.append(",\"kind\":")
        bytes.append(json: module?.kind.label)
        bytes.append(",\"reason\":")
        bytes.append(json: reason?.label)
        bytes.append(",\"total\":")
        bytes.append(decimal: row.counts.total)
        bytes.append(",\"states\":{")
        for state in states {
            if state != states.first { bytes.append(",") }
            bytes.append(json: state.label)
            bytes.append(":")
            bytes.append(decimal: row.counts[state])
        }
        bytes.append("}}\n")
    }
}
