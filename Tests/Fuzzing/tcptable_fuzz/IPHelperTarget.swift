import CIPHelper
import Glibc

@testable import IPHelper

extension FuzzTarget {
    /// The C functions, with buffers that are exactly as long as they are said to be, on any alignment.
    ///
    /// The first byte chooses the function; then come the size of the buffer and whatever else it takes. The
    /// table is the real one.
    static let ipHelper = FuzzTarget(name: "ip-helper", prepare: openListeners) { input in
        var reader = InputReader(input)
        let choice = reader.byte()
        let size = DWORD(reader.number(UInt16.self) % 8192)
        let alignment = Int(reader.byte() % 8)
        let buffer = CountedBuffer(
            byteCount: Int(size), alignment: alignment, isNull: reader.byte() % 8 == 7)
        let order = BOOL(reader.byte() % 2)
        switch choice % 6 {
        case 0:
            unsafe buffer.check(size, header: 4, row: MemoryLayout<MIB_TCPROW2>.stride) {
                unsafe GetTcpTable2($0?.assumingMemoryBound(to: MIB_TCPTABLE2.self), $1, order)
            }
        case 1:
            unsafe buffer.check(size, header: 4, row: MemoryLayout<MIB_TCP6ROW2>.stride) {
                unsafe GetTcp6Table2($0?.assumingMemoryBound(to: MIB_TCP6TABLE2.self), $1, order)
            }
        case 2:
            checkExtended(&reader, buffer, size, order)
        case 3:
            var entry = MIB_TCPROW_OWNER_MODULE()
            unsafe withUnsafeMutableBytes(of: &entry) { unsafe fill($0, &reader) }
            if reader.byte() % 2 == 0 { entry.dwOwningPid = DWORD(getpid()) }
            unsafe buffer.check(size) {
                unsafe GetOwnerModuleFromTcpEntry(&entry, TCPIP_OWNER_MODULE_INFO_BASIC, $0, $1)
            }
        case 4:
            var entry = MIB_TCP6ROW_OWNER_MODULE()
            unsafe withUnsafeMutableBytes(of: &entry) { unsafe fill($0, &reader) }
            if reader.byte() % 2 == 0 { entry.dwOwningPid = DWORD(getpid()) }
            unsafe buffer.check(size) {
                unsafe GetOwnerModuleFromTcp6Entry(&entry, TCPIP_OWNER_MODULE_INFO_BASIC, $0, $1)
            }
        default:
            buffer.checkMessage(reader.number(DWORD.self))
        }
    }

    private static func checkExtended(
        _ reader: inout InputReader, _ buffer: CountedBuffer, _ size: DWORD, _ order: BOOL
    ) {
        let tableClass = TCP_TABLE_CLASS(rawValue: UInt32(reader.byte() % 12))
        let families: [ULONG] = [ULONG(AF_INET), ULONG(AF_INET6), 23, 0]
        let family = families[Int(reader.byte()) % families.count]
        let reserved = ULONG(reader.byte() / 128)
        let rows: [(header: Int, row: Int)] =
            family == ULONG(AF_INET)
            ? [
                (4, MemoryLayout<MIB_TCPROW>.stride),
                (4, MemoryLayout<MIB_TCPROW_OWNER_PID>.stride),
                (8, MemoryLayout<MIB_TCPROW_OWNER_MODULE>.stride),
            ]
            : [
                (4, MemoryLayout<MIB_TCP6ROW>.stride),
                (4, MemoryLayout<MIB_TCP6ROW_OWNER_PID>.stride),
                (8, MemoryLayout<MIB_TCP6ROW_OWNER_MODULE>.stride),
            ]
        let layout = rows[Int(tableClass.rawValue / 3) % 3]
        let result = unsafe buffer.check(size, header: layout.header, row: layout.row) {
            unsafe GetExtendedTcpTable($0, $1, order, family, tableClass, reserved)
        }
        let isInvalid = tableClass.rawValue > 8 || family == 0 || reserved != 0
        require((result == ERROR_INVALID_PARAMETER) == isInvalid, "\(result)")
    }

    private static func fill(_ bytes: UnsafeMutableRawBufferPointer, _ reader: inout InputReader) {
        unsafe bytes.copyBytes(from: reader.bytes(bytes.count))
    }

    /// So that the table has rows of both families.
    private static func openListeners() {
        for family in [AF_INET, AF_INET6] {
            for _ in 0..<4 {
                let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
                require(descriptor >= 0 && listen(descriptor, 1) == 0, "cannot listen")
            }
        }
    }
}

/// Memory of which AddressSanitizer knows the end, filled with a pattern; null if so wished.
@safe private final class CountedBuffer {
    private static let pattern: UInt8 = 0xA5

    private let memory: UnsafeMutableRawBufferPointer
    private let bytes: UnsafeMutableRawBufferPointer
    private let isNull: Bool

    init(byteCount: Int, alignment: Int, isNull: Bool) {
        unsafe memory = .allocate(byteCount: byteCount + alignment, alignment: 16)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: Self.pattern)
        unsafe bytes = UnsafeMutableRawBufferPointer(rebasing: memory[alignment...])
        self.isNull = isNull
    }

    deinit { unsafe memory.deallocate() }

    private var start: UnsafeMutableRawPointer? { unsafe isNull ? nil : bytes.baseAddress }

    private func isUnchanged(from offset: Int = 0) -> Bool {
        unsafe bytes[offset...].allSatisfy { $0 == Self.pattern }
    }

    /// Calls a function, and checks what its result promises (iphlpapi.h).
    ///
    /// - Parameters:
    ///   - header: Bytes before a table's first row.
    ///   - row: Bytes of a table's row; 0 for what is no table.
    @discardableResult
    func check(
        _ size: DWORD, header: Int = 0, row: Int = 0,
        _ function: (UnsafeMutableRawPointer?, UnsafeMutablePointer<DWORD>) -> DWORD
    ) -> DWORD {
        var written = size
        let result = unsafe function(start, &written)
        switch result {
        case NO_ERROR:
            require(!isNull && written == size, "\(written) of \(size)")
            guard row > 0 else { break }
            let count = unsafe Int(bytes.loadUnaligned(as: DWORD.self))
            let end = header + count * row
            require(end <= Int(size), "\(count) rows in \(size) bytes")
            require(isUnchanged(from: end), "more than \(count) rows")
        case ERROR_INSUFFICIENT_BUFFER:
            require(isNull || written > size, "\(written) after \(size)")
            require(isUnchanged(), "written, though too small")
        default:
            require(written == size && isUnchanged(), "written, though \(result)")
        }
        return result
    }

    func checkMessage(_ code: DWORD) {
        let size = unsafe DWORD(bytes.count)
        let length = unsafe Int(
            FormatIPHelperMessage(code, start?.assumingMemoryBound(to: CChar.self), size))
        require(length > 0, "no text of \(code)")
        guard !isNull, size > 0 else {
            require(isUnchanged(), "written to nowhere")
            return
        }
        let end = unsafe bytes.firstIndex(of: 0)
        guard let end else { fatalError("a text without an end") }
        require(end <= length, "\(end) bytes of \(length)")
        let text = unsafe Array(bytes[..<end])
        require(String(validating: text, as: UTF8.self) != nil, "no UTF-8")
        require(end == length || length >= Int(size), "cut without need")
    }
}
