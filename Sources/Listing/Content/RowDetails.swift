import TCPModel
import TCPTable

/// What JSON says of rows besides what the text has.
struct RowDetails {
    /// Those of each table.
    private let directions: [Directions]
    private let users: [UInt32: String]

    init(_ tables: [NamespaceTable]) {
        directions = tables.map { Directions($0.listeners) }
        var names = UserNames()
        var users: [UInt32: String] = [:]
        var known: Set<UInt32> = []
        for table in tables {
            for row in table.table.connections where known.insert(row.userID).inserted {
                users[row.userID] = names.name(of: row.userID)
            }
        }
        self.users = users
    }

    func direction(of row: TCPRow, table: Int) -> Direction? {
        directions[table].direction(of: row.connection)
    }

    /// Nil where the kernel does not know the user, or nobody has the number.
    func userName(of row: TCPRow) -> String? {
        row.connection.knownUserID.flatMap { users[$0] }
    }
}
