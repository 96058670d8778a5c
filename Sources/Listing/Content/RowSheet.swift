import ByteText
import CLinux
import Glibc
import OwnerModules
import TCPConnections
import TCPTable

/// The listing: a row a connection or listener.
struct RowSheet: Sheet {
    let table: TCPTable
    /// Which rows of the table, in their order; nil is all of them.
    let places: [Int]?
    let charset: Charset
    private let interfaces: InterfaceNames

    init(_ table: TCPTable, at places: [Int]?, _ charset: Charset) {
        self.table = table
        self.places = places
        self.charset = charset
        interfaces = InterfaceNames(table)
    }

    var rowCount: Int { places?.count ?? table.count }

    var columns: [Column] {
        let address = Column.Shrink(turn: 1, widthMin: 15, keepsPort: true)
        return [
            Column(title: "STATE"), Column(title: "LOCAL", shrink: address),
            Column(title: "REMOTE", shrink: address), Column(title: "RECV-Q", isNumber: true),
            Column(title: "SEND-Q", isNumber: true), Column(title: "PID", isNumber: true),
            Column(title: "MODULE", shrink: Column.Shrink(turn: 0, widthMin: 16)),
            Column(title: "OFFLOAD", isDispensable: true),
        ]
    }

    func row(_ index: Int) -> TCPRow { table[places?[index] ?? index] }

    func fill(_ cells: inout Cells, row index: Int) {
        let row = row(index)
        cells.add(row.state.label, row.state == .closeWait ? .attention : .none)
        cells.add { endpoint(row.localAddress, row.localPort, interface(local: row), &$0) }
        cells.add { endpoint(row.remoteAddress, row.remotePort, interface(remote: row), &$0) }
        cells.add(UInt64(row.receiveQueue), row.isAcceptQueueFull ? .alarm : .none)
        cells.add(UInt64(row.sendQueue))
        if let process = row.process { cells.add(UInt64(process.id)) } else { cells.add("-") }
        fillModule(&cells, row)
        let isPlain = row.offloadState == nil || row.offloadState == .inHost
        cells.add(row.offloadState?.label ?? "unknown", isPlain ? .faint : .none)
    }

    private func fillModule(_ cells: inout Cells, _ row: TCPRow) {
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

    /// - Returns: The columns that it takes.
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

    /// The interface that the socket is bound to.
    func interfaceName(of row: TCPRow) -> String? { interfaces[row.interfaceIndex] }

    /// As `ss` has it: the interface that the socket is bound to stands at its own address.
    private func interface(local row: TCPRow) -> String? { interfaces[row.interfaceIndex] }

    /// A link-local address means nothing without its scope.
    private func interface(remote row: TCPRow) -> String? {
        row.interfaceIndex != 0 && row.remoteAddress.isLinkLocal
            ? interfaces[row.interfaceIndex] : nil
    }
}

extension TCPRow {
    /// Whether a listener refuses connections: it does when more wait than its limit.
    fileprivate var isAcceptQueueFull: Bool { state == .listen && receiveQueue > sendQueue }
}

/// The names of the interfaces that sockets of a table are bound to (`man 3 if_indextoname`).
struct InterfaceNames {
    private var names: [UInt32: String] = [:]

    init(_ table: TCPTable) {
        for row in table where row.interfaceIndex != 0 && names[row.interfaceIndex] == nil {
            names[row.interfaceIndex] = Self.name(row.interfaceIndex)
        }
    }

    /// Nil for 0, which is none; the number when it has no name any more.
    subscript(index: UInt32) -> String? {
        index == 0 ? nil : names[index] ?? String(index)
    }

    private static func name(_ index: UInt32) -> String? {
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard unsafe if_indextoname(index, &name) != nil else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
