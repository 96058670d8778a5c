import TCPModel
import TCPTable

// What rows are sorted by, and how a watch knows them again.
extension RowListing {
    /// Nil of several namespaces, each of which has an order of its own.
    var ownSort: ColumnSort? { hasNamespaces ? nil : ColumnSort("local") }

    func sortKey(row index: Int, column: Int) -> SortKey {
        let row = row(index)
        return switch column {
        case 0: .number(TCPState.inOrder.firstIndex(of: row.state) ?? 0)
        case 1: .endpoint(row.localAddress, row.localPort)
        case 2: .endpoint(row.remoteAddress, row.remotePort)
        case 3: .number(row.receiveQueue)
        case 4: .number(row.sendQueue)
        case 5: row.process.map { .number($0.id) } ?? .missing
        case 6: .text(row.process == nil ? nil : row.program)
        case 7: .text(row.module?.name)
        case 8: .number(row.offloadState?.index ?? 0)
        default: .text(namespace(index))
        }
    }

    /// A connection is known by its two ends: in time_wait it has another cookie. Listeners may share one.
    func identity(row index: Int) -> Int {
        let row = row(index)
        var hasher = Hasher()
        hasher.combine(namespace(index))
        hasher.combine(row.connection.local)
        hasher.combine(row.connection.remote)
        hasher.combine(row.family)
        hasher.combine(row.interfaceIndex)
        if row.remotePort == 0 { hasher.combine(row.cookie) }
        return hasher.finalize()
    }

    /// Queues change all the time.
    func version(row index: Int) -> Int {
        let row = row(index)
        var hasher = Hasher()
        hasher.combine(row.state)
        hasher.combine(row.process?.id)
        hasher.combine(row.module)
        return hasher.finalize()
    }
}
