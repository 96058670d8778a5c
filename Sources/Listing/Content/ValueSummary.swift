import ByteText
import Linux
import TCPModel

/// Rows counted by state or offload state, and by family. Values that no row has are listed with 0.
struct ValueSummary {
    let grouping: Grouping
    private var counts: [(ipv4: UInt64, ipv6: UInt64)]
    private var checkpoint: [(ipv4: UInt64, ipv6: UInt64)]

    /// What rows are counted by.
    enum Grouping {
        case state
        case offload

        /// The title of the column, and the name of the JSON member.
        fileprivate var names: (title: String, member: StaticString) {
            switch self {
            case .state: ("STATE", "\"state\":")
            case .offload: ("OFFLOAD", "\"offload_state\":")
            }
        }

        fileprivate var labels: [StaticString] {
            switch self {
            case .state: TCPState.inOrder.map(\.label)
            case .offload: OffloadState.allCases.map(\.label)
            }
        }
    }

    init(_ grouping: Grouping) {
        self.grouping = grouping
        counts = grouping.labels.map { _ in (0, 0) }
        checkpoint = counts
    }

    /// The position of each state in the listing, by the state's index.
    private static let positions: [Int] = {
        var positions = [Int](repeating: 0, count: TCPState.count)
        for (position, state) in TCPState.inOrder.enumerated() {
            positions[state.index] = position
        }
        return positions
    }()
}

extension ValueSummary: RowCounter {
    var needsDirections: Bool { false }

    mutating func begin(_ table: CountedTable) { checkpoint = counts }

    mutating func rollBack() { counts = checkpoint }

    func content(_ charset: Charset) -> any ListingContent { self }

    mutating func add(_ connection: borrowing TCPConnection) {
        let index =
            switch grouping {
            case .state: Self.positions[connection.state.index]
            case .offload: connection.offloadState.index
            }
        switch connection.family {
        case .ipv4: counts[index].ipv4 += 1
        case .ipv6: counts[index].ipv6 += 1
        }
    }
}

extension ValueSummary: ListingContent {
    var rowCount: Int { counts.count }

    var columns: [Column] {
        [Column(title: grouping.names.title)]
            + ["IPV4", "IPV6", "TOTAL"].map { Column(title: $0, isNumber: true) }
    }

    func fill(_ cells: inout CellBuffer, row: Int) {
        let (ipv4, ipv6) = counts[row]
        let isCloseWait = grouping == .state && TCPState.inOrder[row] == .closeWait
        let emphasis: Emphasis = isCloseWait && ipv4 + ipv6 > 0 ? .warning : .none
        cells.add(grouping.labels[row], emphasis)
        cells.add(count: ipv4, emphasis)
        cells.add(count: ipv6, emphasis)
        cells.add(count: ipv4 + ipv6, emphasis)
    }

    func sortKey(row: Int, column: Int) -> SortKey {
        let (ipv4, ipv6) = counts[row]
        return .number([UInt64(row), ipv4, ipv6, ipv4 + ipv6][column])
    }

    func identity(row: Int) -> Int { row }

    func version(row: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(counts[row].ipv4)
        hasher.combine(counts[row].ipv6)
        return hasher.finalize()
    }

    /// How many rows there are in all.
    var total: UInt64 { counts.reduce(0) { $0 + $1.ipv4 + $1.ipv6 } }

    func writeJSON(row: Int, _ time: WallTime?, to bytes: inout [UInt8]) {
        let (ipv4, ipv6) = counts[row]
        bytes.beginObject(time)
        bytes.append(grouping.names.member)
        bytes.append(json: grouping.labels[row])
        bytes.append(",\"ipv4\":")
        bytes.append(decimal: ipv4)
        bytes.append(",\"ipv6\":")
        bytes.append(decimal: ipv6)
        bytes.append(",\"total\":")
        bytes.append(decimal: ipv4 + ipv6)
        bytes.append("}\n")
    }
}
