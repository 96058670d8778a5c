import ByteText
import Linux
import TCPModel

/// Rows counted by state or offload state, and by family. Values that no row has are listed with 0.
struct ValueSummary {
    let grouping: Grouping
    private var tally: Tally
    private var checkpoint: Tally

    private struct Tally {
        var counts: [(ipv4: UInt64, ipv6: UInt64)]
        /// Whether it is known of each connection on the device that it is still there.
        var isUploadingKnown = true
    }

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
        tally = Tally(counts: grouping.labels.map { _ in (0, 0) })
        checkpoint = tally
    }

    /// The position of each state in the listing, by the state's index.
    private static let positions: [Int] = {
        var positions = [Int](repeating: 0, count: TCPState.count)
        for (position, state) in TCPState.inOrder.enumerated() {
            positions[state.index] = position
        }
        return positions
    }()

    /// The counts of a value; nil where they are not known.
    private func counts(_ row: Int) -> (ipv4: UInt64, ipv6: UInt64)? {
        let isUploading = grouping == .offload && row == OffloadState.uploading.index
        return isUploading && !tally.isUploadingKnown ? nil : tally.counts[row]
    }
}

extension ValueSummary: RowCounter {
    var needsDirections: Bool { false }

    mutating func begin(_ table: CountedTable) { checkpoint = tally }

    mutating func rollBack() { tally = checkpoint }

    func content(_ charset: Charset) -> any ListingContent { self }

    mutating func add(_ connection: borrowing TCPConnection) {
        let index =
            switch grouping {
            case .state: Self.positions[connection.state.index]
            case .offload: connection.offloadState.index
            }
        switch connection.family {
        case .ipv4: tally.counts[index].ipv4 += 1
        case .ipv6: tally.counts[index].ipv6 += 1
        }
        if connection.tls?.mayBeHandedBack == true { tally.isUploadingKnown = false }
    }
}

extension ValueSummary: ListingContent {
    var rowCount: Int { tally.counts.count }

    var columns: [Column] {
        [Column(title: grouping.names.title)]
            + ["IPV4", "IPV6", "TOTAL"].map { Column(title: $0, isNumber: true) }
    }

    func fill(_ cells: inout CellBuffer, row: Int) {
        let counts = counts(row)
        let total = counts.map { $0.ipv4 + $0.ipv6 }
        let isCloseWait = grouping == .state && TCPState.inOrder[row] == .closeWait
        let emphasis: Emphasis = isCloseWait && total != 0 ? .warning : .none
        cells.add(grouping.labels[row], emphasis)
        for count in [counts?.ipv4, counts?.ipv6, total] {
            if let count { cells.add(count: count, emphasis) } else { cells.add("-", .faint) }
        }
    }

    func sortKey(row: Int, column: Int) -> SortKey {
        let (ipv4, ipv6) = tally.counts[row]
        return .number([UInt64(row), ipv4, ipv6, ipv4 + ipv6][column])
    }

    func identity(row: Int) -> Int { row }

    func version(row: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(counts(row)?.ipv4)
        hasher.combine(counts(row)?.ipv6)
        return hasher.finalize()
    }

    /// How many rows there are in all.
    var total: UInt64 { tally.counts.reduce(0) { $0 + $1.ipv4 + $1.ipv6 } }

    func writeJSON(row: Int, _ time: WallTime?, to bytes: inout [UInt8]) {
        let counts = counts(row)
        bytes.beginObject(time)
        bytes.append(grouping.names.member)
        bytes.append(json: grouping.labels[row])
        bytes.append(",\"ipv4\":")
        bytes.append(json: counts?.ipv4)
        bytes.append(",\"ipv6\":")
        bytes.append(json: counts?.ipv6)
        bytes.append(",\"total\":")
        bytes.append(json: counts.map { $0.ipv4 + $0.ipv6 })
        bytes.append("}\n")
    }
}
