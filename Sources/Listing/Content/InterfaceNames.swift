import Glibc
import TCPTable

/// The names of the interfaces that sockets of a table are bound to (`man 3 if_indextoname`).
struct InterfaceNames {
    private var names: [UInt32: String] = [:]

    init(_ table: TCPTable) {
        for row in table where row.interfaceIndex != 0 && names[row.interfaceIndex] == nil {
            names[row.interfaceIndex] = Self.name(row.interfaceIndex)
        }
    }

    /// Nil for index 0, no interface; the number if the interface no longer exists.
    subscript(index: UInt32) -> String? {
        index == 0 ? nil : names[index] ?? String(index)
    }

    private static func name(_ index: UInt32) -> String? {
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard unsafe if_indextoname(index, &name) != nil else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
