@_exported public import CIPHelper
import TCPTable

// iphlpapi.h tells in full what each function means, and the compiler checks each against it.

/// The IPv4 table.
@c @implementation
public func GetTcpTable2(
    _ table: PMIB_TCPTABLE2?, _ sizePointer: PULONG?, _ order: BOOL
) -> ULONG {
    let question = TableQuestion(family: .ipv4, isOrdered: order != 0)
    return unsafe question.answer(MIB_TCPROW2.self, CallerBuffer(table, size: sizePointer))
}

/// The IPv6 table.
@c @implementation
public func GetTcp6Table2(
    _ table: PMIB_TCP6TABLE2?, _ sizePointer: PULONG?, _ order: BOOL
) -> ULONG {
    let question = TableQuestion(family: .ipv6, isOrdered: order != 0)
    return unsafe question.answer(MIB_TCP6ROW2.self, CallerBuffer(table, size: sizePointer))
}

/// The table of a class and family.
@c @implementation
public func GetExtendedTcpTable(
    _ table: PVOID?, _ size: PDWORD?, _ order: BOOL, _ addressFamily: ULONG,
    _ tableClass: TCP_TABLE_CLASS, _ reserved: ULONG
) -> DWORD {
    guard reserved == 0, let kind = RowKind(rawValue: tableClass.rawValue / 3),
        let question = TableQuestion(
            tableClass, addressFamily: addressFamily, isOrdered: order != 0)
    else { return ERROR_INVALID_PARAMETER }
    return unsafe question.answer(kind, CallerBuffer(table, size: size))
}

/// Whose an IPv4 row is.
@c @implementation
public func GetOwnerModuleFromTcpEntry(
    _ entry: PMIB_TCPROW_OWNER_MODULE?, _ infoClass: TCPIP_OWNER_MODULE_INFO_CLASS,
    _ buffer: PVOID?, _ size: PDWORD?
) -> DWORD {
    unsafe answerOwner(entry, infoClass, CallerBuffer(buffer, size: size))
}

/// Whose an IPv6 row is.
@c @implementation
public func GetOwnerModuleFromTcp6Entry(
    _ entry: PMIB_TCP6ROW_OWNER_MODULE?, _ infoClass: TCPIP_OWNER_MODULE_INFO_CLASS,
    _ buffer: PVOID?, _ size: PDWORD?
) -> DWORD {
    unsafe answerOwner(entry, infoClass, CallerBuffer(buffer, size: size))
}

/// What a code means.
@c @implementation
public func FormatIPHelperMessage(_ messageID: DWORD, _ buffer: LPSTR?, _ size: DWORD) -> DWORD {
    let text = message(of: messageID)
    if let buffer = unsafe buffer {
        unsafe write(text, to: UnsafeMutableRawBufferPointer(start: buffer, count: Int(size)))
    }
    return DWORD(text.utf8.count)
}
