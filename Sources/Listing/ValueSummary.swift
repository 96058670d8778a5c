import ByteText
import Linux
import TCPConnections

/// How many rows have each value of a closed set, by family; values that none has are there too.
struct ValueSummary {
    let grouping: Grouping
    private var counts: [(ipv4: UInt64, ipv6: UInt64)]

    /// The sets.
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
    }

    mutating func removeAll() { self = ValueSummary(grouping) }

    mutating func add(_ connection: borrowing TCPConnection) {
        let index =
            switch grouping {
            case .state: Self.places[connection.state.index]
            case .offload: connection.offloadState.index
            }
        switch connection.family {
        case .ipv4: counts[index].ipv4 += 1
        case .ipv6: counts[index].ipv6 += 1
        }
    }

    /// The place of each state in its column, by its index.
    private static let places: [Int] = {
        var places = [Int](repeating: 0, count: TCPState.count)
        for (place, state) in TCPState.inOrder.enumerated() { places[state.index] = place }
        return places
    }()
}

extension ValueSummary: Content {
    var rowCount: Int { counts.count }

    var columns: [Column] {
        [Column(title: grouping.names.title)]
            + ["IPV4", "IPV6", "TOTAL"].map { Column(title: $0, isNumber: true) }
    }

    func fill(_ cells: inout Cells, row: Int) {
        let (ipv4, ipv6) = counts[row]
        let isCloseWait = grouping == .state && TCPState.inOrder[row] == .closeWait
        let emphasis: Emphasis = isCloseWait && ipv4 + ipv6 > 0 ? .attention : .none
        cells.add(grouping.labels[row], emphasis)
        cells.add(count: ipv4, emphasis)
        cells.add(count: ipv6, emphasis)
        cells.add(count: ipv4 + ipv6, emphasis)
    }

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
