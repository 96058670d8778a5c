package import Procfs
package import TCPConnections

/// Whose one row is.
package struct RowOwner: Sendable {
    /// An index into `RowOwners.processes`: the process that holds the socket, 0 for nobody.
    package var process: UInt32
    package var attribution: Attribution
}

/// Whose the rows of a table are, in their order.
package struct RowOwners: Sendable {
    package var owners: [RowOwner] = []
    /// The processes that hold sockets; nil where no row's owner is. The first one is nobody.
    package var processes: [HoldingProcess?] = []
    /// Why /proc could not be listed, if it could not. Rows of which only a process could have told
    /// are `protected` then.
    package var failure: FileError?

    /// Nobody was looked for.
    package static let none = RowOwners()
}

/// A process that holds sockets, as it was when the table was read.
package struct HoldingProcess: Sendable {
    package var process: OwningProcess
    /// The executable's path; empty when we may not know it.
    package var path: String
}

// Attributing rows one by one, for those who keep them: a listing, not a scrape.
extension OwnerAttribution {
    /// Finds the owner of each row of a table that was read since `beginScrape`, and ends the scrape.
    ///
    /// - Parameter rows: What is wanted of the table, and its listeners where any row `isNotAccepted`.
    package mutating func attribute(
        rows: [TCPConnection], openAmong: OpenSockets = { _ in nil }
    ) -> RowOwners {
        var holders = takeRemembered(rows)
        Self.sweep(&cache, &owners)
        var failure: FileError?
        do throws(FileError) { try search(openAmong) } catch { failure = error }
        for (row, holder) in zip(holders.wantedRows, wanted.holders) {
            holders.slots[row] = holder.slot
        }
        var listeners = Listeners()
        for (row, slot) in zip(rows, holders.slots) where row.isListener {
            let attribution = attribution(of: row, heldBy: slot, Listeners())
            listeners.add(row.localAddress, port: row.localPort, table: table, attribution)
        }
        let given = zip(rows, holders.slots).map { row, slot in
            RowOwner(
                process: slot.rawValue, attribution: attribution(of: row, heldBy: slot, listeners))
        }
        let processes = owners.holding
        endScrape()
        return RowOwners(owners: given, processes: processes, failure: failure)
    }

    /// The slots of remembered holders, nobody's for the others; those to be looked for wait.
    private mutating func takeRemembered(
        _ rows: [TCPConnection]
    ) -> (slots: [OwnerSlot], wantedRows: [Int]) {
        var slots = [OwnerSlot](repeating: .nobody, count: rows.count)
        var wantedRows: [Int] = []
        for (row, connection) in rows.enumerated() where connection.inode != nil {
            switch remembered(connection.cookie) {
            case .known(_, let slot): slots[row] = slot
            case .unseen: break
            case .wanted(let isRemembered):
                wanted.append(waitingSocket(connection, isRemembered: isRemembered))
                wantedRows.append(row)
            }
        }
        return (slots, wantedRows)
    }

    private mutating func attribution(
        of row: TCPConnection, heldBy slot: OwnerSlot, _ listeners: Listeners
    ) -> Attribution {
        if slot != .nobody, let known = owners.attributions[slot.index] { return known }
        let socket = waitingSocket(row)
        let why = row.inode == nil ? UnheldConnections.Why(unheld: row) : whyUnheld(socket)
        guard let why else { return .unattributed(.notFound) }
        return attribution(of: unheldKey(of: socket, why), listeners)
    }
}
