import TCPModel

/// The process's own readers of tables, which keep the owners that they have found.
final class SharedTableReader {
    private var reader: TableReader

    private init(_ family: AddressFamily?) {
        reader = TableReader(LinuxHost(), family: family)
    }

    /// Reads the table once. Every scope has a reader: one forgets the sockets that its last table had
    /// not.
    static func read(
        _ family: AddressFamily?, includingOwners: Bool
    ) throws(TCPTableError) -> TCPTable {
        let state: ProcessState =
            switch family {
            case nil: .tableReader
            case .ipv4: .ipv4TableReader
            case .ipv6: .ipv6TableReader
            }
        return try state.use({ SharedTableReader(family) }) { shared throws(TCPTableError) in
            try includingOwners ? shared.reader.read() : shared.reader.readWithoutOwners()
        }
    }
}
