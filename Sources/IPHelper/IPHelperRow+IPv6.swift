import CIPHelper
import TCPTable

extension MIB_TCP6ROW: IPHelperRow {
    static var hasOwner: Bool { false }

    init(_ row: TCPRow) {
        self.init(
            State: row.state.code,
            LocalAddr: row.localAddress.ipv6, dwLocalScopeId: row.localScope,
            dwLocalPort: row.localPort.inNetworkOrder,
            RemoteAddr: row.remoteAddress.ipv6, dwRemoteScopeId: row.remoteScope,
            dwRemotePort: row.remotePort.inNetworkOrder)
    }
}

extension MIB_TCP6ROW2: IPHelperRow {
    init(_ row: TCPRow) {
        self.init(
            LocalAddr: row.localAddress.ipv6, dwLocalScopeId: row.localScope,
            dwLocalPort: row.localPort.inNetworkOrder,
            RemoteAddr: row.remoteAddress.ipv6, dwRemoteScopeId: row.remoteScope,
            dwRemotePort: row.remotePort.inNetworkOrder,
            State: row.state.code, dwOwningPid: row.owningProcessID,
            dwOffloadState: row.offloadStateCode)
    }
}

extension MIB_TCP6ROW_OWNER_PID: IPHelperRow {
    init(_ row: TCPRow) {
        self.init(
            ucLocalAddr: unsafe row.localAddress.ipv6.u.Byte, dwLocalScopeId: row.localScope,
            dwLocalPort: row.localPort.inNetworkOrder,
            ucRemoteAddr: unsafe row.remoteAddress.ipv6.u.Byte, dwRemoteScopeId: row.remoteScope,
            dwRemotePort: row.remotePort.inNetworkOrder,
            dwState: row.state.code.rawValue, dwOwningPid: row.owningProcessID)
    }
}

extension MIB_TCP6ROW_OWNER_MODULE: IPHelperRow {
    init(_ row: TCPRow) {
        self.init(
            ucLocalAddr: unsafe row.localAddress.ipv6.u.Byte, dwLocalScopeId: row.localScope,
            dwLocalPort: row.localPort.inNetworkOrder,
            ucRemoteAddr: unsafe row.remoteAddress.ipv6.u.Byte, dwRemoteScopeId: row.remoteScope,
            dwRemotePort: row.remotePort.inNetworkOrder,
            dwState: row.state.code.rawValue, dwOwningPid: row.owningProcessID,
            liCreateTimestamp: LARGE_INTEGER(QuadPart: 0),
            OwningModuleInfo: OwnerToken(row).words)
    }
}
