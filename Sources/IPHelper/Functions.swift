@_exported public import CIPHelper
import CLinux
import Glibc
import TCPTable

// iphlpapi.h documents these functions, and the compiler checks each one against it.

/// The IPv4 table.
@c @implementation
public func GetTcpTable2(
    _ table: PMIB_TCPTABLE2?, _ sizePointer: PULONG?, _ order: BOOL
) -> ULONG {
    call(0) {
        let query = TableQuery(family: .ipv4, isOrdered: order != 0)
        return unsafe query.write(MIB_TCPROW2.self, CallerBuffer(table, size: sizePointer))
    }
}

/// The IPv6 table.
@c @implementation
public func GetTcp6Table2(
    _ table: PMIB_TCP6TABLE2?, _ sizePointer: PULONG?, _ order: BOOL
) -> ULONG {
    call(1) {
        let query = TableQuery(family: .ipv6, isOrdered: order != 0)
        return unsafe query.write(MIB_TCP6ROW2.self, CallerBuffer(table, size: sizePointer))
    }
}

/// The table of a class and family.
@c @implementation
public func GetExtendedTcpTable(
    _ table: PVOID?, _ size: PDWORD?, _ order: BOOL, _ addressFamily: ULONG,
    _ tableClass: TCP_TABLE_CLASS, _ reserved: ULONG
) -> DWORD {
    // Each layout of each family runs code of its own.
    let number = 4 + tableClass.rawValue / 3 % 3 * 2 + (addressFamily == ULONG(AF_INET) ? 0 : 1)
    return call(number) {
        unsafe writeTable(table, size, order, addressFamily, tableClass, reserved)
    }
}

private func writeTable(
    _ table: PVOID?, _ size: PDWORD?, _ order: BOOL, _ addressFamily: ULONG,
    _ tableClass: TCP_TABLE_CLASS, _ reserved: ULONG
) -> DWORD {
    guard reserved == 0, let layout = RowLayout(rawValue: tableClass.rawValue / 3),
        let query = TableQuery(
            tableClass, addressFamily: addressFamily, isOrdered: order != 0)
    else { return ERROR_INVALID_PARAMETER }
    return unsafe query.write(layout, CallerBuffer(table, size: size))
}

/// The owner of an IPv4 row.
@c @implementation
public func GetOwnerModuleFromTcpEntry(
    _ entry: PMIB_TCPROW_OWNER_MODULE?, _ infoClass: TCPIP_OWNER_MODULE_INFO_CLASS,
    _ buffer: PVOID?, _ size: PDWORD?
) -> DWORD {
    call(2) { unsafe writeOwner(entry, infoClass, CallerBuffer(buffer, size: size)) }
}

/// The owner of an IPv6 row.
@c @implementation
public func GetOwnerModuleFromTcp6Entry(
    _ entry: PMIB_TCP6ROW_OWNER_MODULE?, _ infoClass: TCPIP_OWNER_MODULE_INFO_CLASS,
    _ buffer: PVOID?, _ size: PDWORD?
) -> DWORD {
    call(3) { unsafe writeOwner(entry, infoClass, CallerBuffer(buffer, size: size)) }
}

/// The text of an error code.
@c @implementation
public func FormatIPHelperMessage(_ messageID: DWORD, _ buffer: LPSTR?, _ size: DWORD) -> DWORD {
    let text = errorMessage(messageID)
    if let buffer = unsafe buffer {
        unsafe write(text, to: UnsafeMutableRawBufferPointer(start: buffer, count: Int(size)))
    }
    return DWORD(text.utf8.count)
}

/// Runs a function, unless the process was forked in the middle of another thread's first call of one.
private func call(_ number: UInt32, _ body: () -> DWORD) -> DWORD {
    switch clinux_begin_call(number) {
    case CLINUX_CALL_WARM: return body()
    case CLINUX_CALL_COLD:
        let result = body()
        clinux_end_cold_call(number, result == NO_ERROR)
        return result
    default: return ERROR_GEN_FAILURE
    }
}
