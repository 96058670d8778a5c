import CIPHelper
import Glibc
import TCPTable

/// The rows of the table that a caller asks for.
struct TableQuery {
    var family: AddressFamily
    var selection: Selection = .all
    var isOrdered: Bool

    /// In the order of `TCP_TABLE_CLASS`.
    enum Selection: DWORD {
        case listeners
        case connections
        case all

        func includes(_ row: TCPRow) -> Bool {
            switch self {
            case .listeners: row.state == .listen
            case .connections: row.state != .listen
            case .all: true
            }
        }
    }

    /// Reads the table, and writes `dwNumEntries` and the rows.
    func write<Row: IPHelperRow>(_: Row.Type, _ buffer: CallerBuffer?) -> DWORD {
        guard let buffer = unsafe buffer else { return ERROR_INVALID_PARAMETER }
        let table: TCPTable
        do throws(TCPTableError) {
            table = try TCPTable.snapshot(family: family, includingOwners: Row.hasOwner)
        } catch {
            return error.code
        }
        let rowCount =
            selection == .all ? table.count : table.count(where: selection.includes)
        let needed = Row.headerByteCount + rowCount * MemoryLayout<Row>.stride
        let spare = Self.spareRowCount(rowCount) * MemoryLayout<Row>.stride
        return unsafe buffer.write(needed, spareByteCount: spare) { bytes in
            let table = isOrdered ? table.ordered() : table
            unsafe bytes[..<Row.headerByteCount].initializeMemory(as: UInt8.self, repeating: 0)
            unsafe bytes.storeBytes(of: DWORD(rowCount), as: DWORD.self)
            if selection == .all {
                unsafe write(table, as: Row.self, to: bytes)
            } else {
                unsafe write(table.lazy.filter(selection.includes), as: Row.self, to: bytes)
            }
        }
    }

    /// The rows by which a table may grow before the caller has to allocate again.
    static func spareRowCount(_ rowCount: Int) -> Int { rowCount / 8 + 16 }

    private func write<Row: IPHelperRow>(
        _ rows: some Sequence<TCPRow>, as _: Row.Type, to bytes: UnsafeMutableRawBufferPointer
    ) {
        var offset = Row.headerByteCount
        for row in rows {
            unsafe bytes.storeBytes(of: Row(row), toByteOffset: offset, as: Row.self)
            offset += MemoryLayout<Row>.stride
        }
    }
}

/// The structure of a table's rows, in the order of `TCP_TABLE_CLASS`.
enum RowLayout: DWORD {
    case basic
    case processID
    case module
}

extension TableQuery {
    /// Windows' `AF_INET6`, in code that was compiled with its value.
    private static let windowsIPv6: ULONG = 23

    /// Nil for a class or family that does not exist.
    init?(_ tableClass: TCP_TABLE_CLASS, addressFamily: ULONG, isOrdered: Bool) {
        switch addressFamily {
        case ULONG(AF_INET): family = .ipv4
        case ULONG(AF_INET6), Self.windowsIPv6: family = .ipv6
        default: return nil
        }
        guard let selection = Selection(rawValue: tableClass.rawValue % 3) else { return nil }
        self.selection = selection
        self.isOrdered = isOrdered
    }

    func write(_ layout: RowLayout, _ buffer: CallerBuffer?) -> DWORD {
        switch (layout, family) {
        case (.basic, .ipv4): unsafe write(MIB_TCPROW.self, buffer)
        case (.basic, .ipv6): unsafe write(MIB_TCP6ROW.self, buffer)
        case (.processID, .ipv4): unsafe write(MIB_TCPROW_OWNER_PID.self, buffer)
        case (.processID, .ipv6): unsafe write(MIB_TCP6ROW_OWNER_PID.self, buffer)
        case (.module, .ipv4): unsafe write(MIB_TCPROW_OWNER_MODULE.self, buffer)
        case (.module, .ipv6): unsafe write(MIB_TCP6ROW_OWNER_MODULE.self, buffer)
        }
    }
}
