import ByteText
import Owners
import TCPModel
import TCPTable

/// The default listing: one row per connection or listener.
struct RowListing: ListingContent {
    let table: TCPTable
    /// The table's rows to show, in order; nil shows all.
    let indices: [Int]?
    let charset: Charset
    private let interfaces: InterfaceNames

    init(_ table: TCPTable, at indices: [Int]?, _ charset: Charset) {
        self.table = table
        self.indices = indices
        self.charset = charset
        interfaces = InterfaceNames(table)
    }

    var rowCount: Int { indices?.count ?? table.count }

    var columns: [Column] {
        let address = Column.Shrink(order: 1, widthMin: 15, keepsPort: true)
        return [
            Column(title: "STATE"), Column(title: "LOCAL", shrink: address),
            Column(title: "REMOTE", shrink: address), Column(title: "RECV-Q", isNumber: true),
            Column(title: "SEND-Q", isNumber: true), Column(title: "PID", isNumber: true),
            Column(title: "MODULE", shrink: Column.Shrink(order: 0, widthMin: 16)),
            Column(title: "OFFLOAD", isOptional: true),
        ]
    }

    func row(_ index: Int) -> TCPRow { table[indices?[index] ?? index] }

    func fill(_ cells: inout CellBuffer, row index: Int) {
        let row = row(index)
        cells.add(row.state.label, row.state == .closeWait ? .warning : .none)
        cells.add { endpoint(row.localAddress, row.localPort, interface(local: row), &$0) }
        cells.add { endpoint(row.remoteAddress, row.remotePort, interface(remote: row), &$0) }
        cells.add(UInt64(row.receiveQueue), row.isAcceptQueueFull ? .critical : .none)
        cells.add(UInt64(row.sendQueue))
        if let process = row.process { cells.add(UInt64(process.id)) } else { cells.add("-") }
        fillModule(&cells, row)
        let isPlain = row.offloadState == nil || row.offloadState == .inHost
        cells.add(row.offloadState?.label ?? "unknown", isPlain ? .faint : .none)
    }

    private func fillModule(_ cells: inout CellBuffer, _ row: TCPRow) {
        if let module = row.module {
            cells.add { $0.append(visible: module.name, charset) }
        } else if let reason = row.unattributedReason, reason != .notFound {
            cells.add(.faint) { bytes in
                bytes.append("(")
                bytes.append(reason.label)
                bytes.append(")")
                return reason.label.utf8CodeUnitCount + 2
            }
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

    /// The interface the socket is bound to.
    func interfaceName(of row: TCPRow) -> String? { interfaces[row.interfaceIndex] }

    /// The interface the socket is bound to, shown at the local address as in `ss`.
    private func interface(local row: TCPRow) -> String? { interfaces[row.interfaceIndex] }

    /// The scope of a link-local address.
    private func interface(remote row: TCPRow) -> String? {
        row.interfaceIndex != 0 && row.remoteAddress.isLinkLocal
            ? interfaces[row.interfaceIndex] : nil
    }
}

extension TCPRow {
    /// Whether a listener drops new connections: its queue is longer than its limit.
    fileprivate var isAcceptQueueFull: Bool { state == .listen && receiveQueue > sendQueue }
}
