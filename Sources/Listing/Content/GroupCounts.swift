import Owners
import TCPModel
import TCPTable

/// What a group of rows has in common.
enum Group: Hashable {
    case module(OwnerModule)
    case unattributed(UnattributedReason)
    case process(Int32)
    case user(UInt32)
    case remote(IPAddress)
    /// The listener's port, or that of the remote side.
    case port(UInt16, Direction)
    case direction(Direction)
    /// The number of a table.
    case namespace(Int)
    /// The rows without what the others are grouped by.
    case none
}

/// Counts by state.
struct StateCounts {
    private var byState = InlineArray<11, UInt32>(repeating: 0)  // TCPState.count
    private(set) var total: UInt32 = 0

    mutating func add(_ state: TCPState) {
        byState[state.index] += 1
        total += 1
    }

    subscript(state: TCPState) -> UInt32 { byState[state.index] }
}

/// A table whose rows are counted.
struct CountedTable {
    /// Its number, in the order of reading.
    var number: Int
    /// The name of its network namespace; nil is the command's own.
    var namespace: String?
    var directions: Directions
}

/// Counts rows while they are read, some tables one after the other.
protocol RowCounter {
    /// Whether it needs to know who began a connection.
    var needsDirections: Bool { get }
    mutating func begin(_ table: CountedTable)
    /// Forgets the rows of this table.
    mutating func rollBack()
    mutating func add(_ row: borrowing TCPConnection)
    func content(_ charset: Charset) -> any ListingContent
}

/// Rows counted by group and state.
struct GroupCounts {
    let summary: ListingOptions.Summary
    private(set) var counts: [Group: StateCounts] = [:]
    /// The names of programs by process, where rows are counted by process.
    private(set) var programs: [Int32: String] = [:]
    /// The namespaces of the tables.
    private(set) var namespaces: [String?] = []
    private var table = CountedTable(number: 0, directions: Directions([ListeningPlace]()))
    private var checkpoint: [Group: StateCounts] = [:]

    init(_ summary: ListingOptions.Summary) { self.summary = summary }

    /// Counts a row by its owner.
    mutating func add(_ row: TCPRow) {
        counts[group(row), default: StateCounts()].add(row.state)
    }

    private mutating func group(_ row: TCPRow) -> Group {
        let reason = row.unattributedReason ?? .notFound
        guard summary == .process else {
            return row.module.map(Group.module) ?? .unattributed(reason)
        }
        guard let process = row.process else { return .unattributed(reason) }
        if programs[process.id] == nil { programs[process.id] = row.program }
        return .process(process.id)
    }

    private func group(_ row: borrowing TCPConnection) -> Group {
        switch summary {
        case .user: row.knownUserID.map(Group.user) ?? .none
        case .remote: remoteGroup(row)
        case .port: portGroup(row)
        case .direction: table.directions.direction(of: row).map(Group.direction) ?? .none
        case .netns: .namespace(table.number)
        case .module, .process, .state, .offload: .none
        }
    }

    private func remoteGroup(_ row: borrowing TCPConnection) -> Group {
        guard row.remotePort != 0 else { return .none }
        let address = row.remoteAddress
        return .remote(address.unmapped ?? address)
    }

    private func portGroup(_ row: borrowing TCPConnection) -> Group {
        guard let direction = table.directions.direction(of: row) else { return .none }
        let isOutgoing = direction == .outgoing
        return .port(
            isOutgoing ? row.remotePort : row.localPort, isOutgoing ? .outgoing : .incoming)
    }
}

extension GroupCounts: RowCounter {
    var needsDirections: Bool { summary == .port || summary == .direction }

    mutating func begin(_ table: CountedTable) {
        self.table = table
        while namespaces.count < table.number { namespaces.append(nil) }
        namespaces.append(table.namespace)
        checkpoint = counts
    }

    mutating func rollBack() { counts = checkpoint }

    mutating func add(_ row: borrowing TCPConnection) {
        counts[group(row), default: StateCounts()].add(row.state)
    }

    func content(_ charset: Charset) -> any ListingContent { GroupSummary(self, charset) }
}
