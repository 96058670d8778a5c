import CIPHelper
import TCPTable

/// A table row as a C structure.
protocol IPHelperRow {
    init(_ row: TCPRow)

    /// Whether the row has the owner's process ID.
    static var hasOwner: Bool { get }
}

extension IPHelperRow {
    static var hasOwner: Bool { true }

    /// The offset of the first row: `dwNumEntries`, padded to the row's alignment.
    static var headerByteCount: Int { max(MemoryLayout<DWORD>.size, MemoryLayout<Self>.alignment) }
}

extension MIB_TCPROW: IPHelperRow {
    static var hasOwner: Bool { false }

    init(_ row: TCPRow) {
        self.init(
            dwState: row.state.code.rawValue,
            dwLocalAddr: row.localAddress.ipv4, dwLocalPort: row.localPort.inNetworkOrder,
            dwRemoteAddr: row.remoteAddress.ipv4, dwRemotePort: row.remotePort.inNetworkOrder)
    }
}

extension MIB_TCPROW2: IPHelperRow {
    init(_ row: TCPRow) {
        self.init(
            dwState: row.state.code.rawValue,
            dwLocalAddr: row.localAddress.ipv4, dwLocalPort: row.localPort.inNetworkOrder,
            dwRemoteAddr: row.remoteAddress.ipv4, dwRemotePort: row.remotePort.inNetworkOrder,
            dwOwningPid: row.owningProcessID, dwOffloadState: row.offloadStateCode)
    }
}

extension MIB_TCPROW_OWNER_PID: IPHelperRow {
    init(_ row: TCPRow) {
        self.init(
            dwState: row.state.code.rawValue,
            dwLocalAddr: row.localAddress.ipv4, dwLocalPort: row.localPort.inNetworkOrder,
            dwRemoteAddr: row.remoteAddress.ipv4, dwRemotePort: row.remotePort.inNetworkOrder,
            dwOwningPid: row.owningProcessID)
    }
}

extension MIB_TCPROW_OWNER_MODULE: IPHelperRow {
    init(_ row: TCPRow) {
        self.init(
            dwState: row.state.code.rawValue,
            dwLocalAddr: row.localAddress.ipv4, dwLocalPort: row.localPort.inNetworkOrder,
            dwRemoteAddr: row.remoteAddress.ipv4, dwRemotePort: row.remotePort.inNetworkOrder,
            dwOwningPid: row.owningProcessID, liCreateTimestamp: LARGE_INTEGER(QuadPart: 0),
            OwningModuleInfo: OwnerToken(row).words)
    }
}
