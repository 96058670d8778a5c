import ByteText
import Owners
import TCPModel
import TCPTable

/// The default listing: one row per connection or listener.
struct RowListing {
    /// The table of a row, and its place there.
    struct Place {
        var table: UInt32
        var row: UInt32
    }

    let tables: [NamespaceTable]
    private let places: [Place]
    let charset: Charset
    /// What JSON says besides; nil of text.
    let details: RowDetails?
    private let hasOffload: Bool
    /// Whether another network namespace than the command's own is listed.
    let hasNamespaces: Bool

    /// - Parameter places: The rows to show, in order.
    init(
        _ tables: [NamespaceTable], _ places: [Place], _ charset: Charset,
        includingDetails: Bool = false
    ) {
        self.tables = tables
        self.places = places
        self.charset = charset
        details = includingDetails ? RowDetails(tables) : nil
        hasNamespaces = tables.contains { $0.namespace != nil }
        hasOffload = tables.contains { table in
            table.table.connections.contains { $0.offloadState != .inHost }
        }
    }

    func row(_ index: Int) -> TCPRow {
        let place = places[index]
        return tables[Int(place.table)].table[Int(place.row)]
    }

    /// The number of the row's table.
    func table(_ index: Int) -> Int { Int(places[index].table) }

    /// The name of the row's network namespace; nil is the command's own.
    func namespace(_ index: Int) -> String? { tables[table(index)].namespace?.label }

    /// The interface that the socket is bound to; the number if it no longer exists.
    func interfaceName(_ row: TCPRow, _ index: Int) -> String? {
        let number = row.interfaceIndex
        guard number != 0 else { return nil }
        return tables[table(index)].interfaces[number] ?? String(number)
    }
}

extension RowListing: ListingContent {
    static let titles = [
        "STATE", "LOCAL", "REMOTE", "RECV-Q", "SEND-Q", "PID", "PROGRAM", "MODULE", "OFFLOAD",
        "NETNS",
    ]

    var rowCount: Int { places.count }

    var columns: [Column] {
        [
            Column(title: "STATE"), Column(title: "LOCAL"), Column(title: "REMOTE"),
            Column(title: "RECV-Q", isNumber: true, leftOutOrder: 2),
            Column(title: "SEND-Q", isNumber: true, leftOutOrder: 1),
            Column(title: "PID", isNumber: true, leftOutOrder: 3),
            Column(title: "PROGRAM", leftOutOrder: 0, widthMin: 7),
            Column(title: "MODULE", widthMin: 16),
            Column(title: "OFFLOAD", isHidden: !hasOffload),
            Column(title: "NETNS", isHidden: !hasNamespaces, widthMin: 10),
        ]
    }

    func fill(_ cells: inout CellBuffer, row index: Int) {
        let row = row(index)
        let interface = interfaceName(row, index)
        cells.add(row.state.label, row.state == .closeWait ? .warning : .none)
        cells.add { endpoint(row.localAddress, row.localPort, interface, &$0) }
        // The scope of a link-local address; that of a bound socket is at the local one, as in `ss`.
        let scope = row.remoteAddress.isLinkLocal ? interface : nil
        cells.add { endpoint(row.remoteAddress, row.remotePort, scope, &$0) }
        cells.add(UInt64(row.receiveQueue), row.isAcceptQueueFull ? .critical : .none)
        cells.add(UInt64(row.sendQueue))
        fillOwner(&cells, row)
        if hasOffload {
            let isPlain = row.offloadState == nil || row.offloadState == .inHost
            cells.add(row.offloadState?.label ?? "unknown", isPlain ? .faint : .none)
        } else {
            cells.add("")
        }
        if hasNamespaces { cells.add(visible: namespace(index), charset) } else { cells.add("") }
    }

    private func fillOwner(_ cells: inout CellBuffer, _ row: TCPRow) {
        if let process = row.process {
            cells.add(UInt64(process.id))
            cells.add(visible: row.program, charset)
        } else {
            cells.add("-", .faint)
            cells.add("-", .faint)
        }
        if let module = row.module {
            cells.add(visible: module.name, charset)
        } else if let reason = row.unattributedReason, reason != .notFound {
            cells.add(reason: reason)
        } else {
            cells.add("-", .faint)
        }
    }

    /// - Returns: The width in columns.
    private func endpoint(
        _ address: IPAddress, _ port: UInt16, _ interface: String?, _ bytes: inout [UInt8]
    ) -> Int {
        let start = bytes.count
        let isIPv6 = address.family == .ipv6
        if isIPv6 { bytes.append("[") }
        bytes.append(address)
        var hiddenByteCount = 0
        if let interface {
            bytes.append("%")
            let nameStart = bytes.count
            let width = bytes.append(visible: interface, charset)
            hiddenByteCount = bytes.count - nameStart - width
        }
        if isIPv6 { bytes.append("]") }
        bytes.append(":")
        if port == 0 { bytes.append("*") } else { bytes.append(decimal: UInt64(port)) }
        return bytes.count - start - hiddenByteCount
    }
}

extension TCPRow {
    /// Whether a listener drops new connections: its queue is longer than its limit.
    fileprivate var isAcceptQueueFull: Bool { state == .listen && receiveQueue > sendQueue }
}
