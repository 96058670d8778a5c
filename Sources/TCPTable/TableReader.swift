package import Owners
package import TCPModel

/// Reads tables one after the other; owners are cached in between.
package struct TableReader {
    private var source: any ConnectionSource
    /// Nil while a table is read.
    private var resolver: OwnerResolver?
    private var protectionNotice = ProtectionNotice()
    /// How many rows the last table had: the next one will have about as many.
    private var rowCount = 0
    /// Whether no table was read with owners yet.
    private var isFirst = true

    package init(source: any ConnectionSource, resolver: OwnerResolver) {
        self.source = source
        self.resolver = resolver
    }

    /// Reads the tables of the running kernel.
    package init(_ host: LinuxHost, family: AddressFamily? = nil) {
        self.init(
            source: host.connectionSource(family, held: host.heldKernelTLS),
            resolver: host.ownerResolver(containerNaming: host.containerNaming(isPatient: true)))
    }

    /// Reads the table.
    ///
    /// The first time it reads the table again where an owner seems to have gone: a second look tells
    /// whether the socket has gone too, or is the kernel's own.
    ///
    /// - Parameter isWanted: The other rows are left out, and no owners are searched for them.
    package mutating func read(
        where isWanted: (borrowing TCPConnection) -> Bool = { _ in true }
    ) throws(TCPTableError) -> TCPTable {
        let table = try readOnce(where: isWanted)
        guard isFirst else { return table }
        isFirst = false
        return table.hasPartialRows ? try readOnce(where: isWanted) : table
    }

    private mutating func readOnce(
        where isWanted: (borrowing TCPConnection) -> Bool
    ) throws(TCPTableError) -> TCPTable {
        guard var lookup = resolver.take()?.beginScrape() else {
            preconditionFailure("a table is being read")
        }
        let rows: LookedUpRows
        do throws(ConnectionSourceError) {
            rows = try readRows(where: isWanted, &lookup)
        } catch {
            lookup.rollBackTable()
            resolver = lookup.abandon()
            throw TCPTableError(error)
        }
        rowCount = rows.connections.count
        let owners = lookup.resolve(rereading: &source)
        let table = table(rows, owners)
        resolver = owners.finish()
        return table
    }

    /// Reads the table once without owners: no process is looked at.
    package mutating func readWithoutOwners() throws(TCPTableError) -> TCPTable {
        var connections: [TCPConnection] = []
        connections.reserveCapacity(rowCount)
        var step: [TCPConnection] = []
        while true {
            let outcome: DumpStep
            do throws(ConnectionSourceError) { outcome = try source.next(&step) } catch {
                throw TCPTableError(error)
            }
            switch outcome {
            case .rows: connections += step
            case .restarted: connections.removeAll(keepingCapacity: true)
            case .complete(let outcome):
                rowCount = connections.count
                return TCPTable(
                    connections, [], TableContext(outcome.offloadProblem), outcome,
                    problems: outcome.problems)
            }
        }
    }
}

// MARK: - Rows and owners

extension TableReader {
    private struct LookedUpRows {
        var connections: [TCPConnection] = []
        var refs: [OwnerRef] = []
        var outcome = DumpOutcome()
    }

    private mutating func readRows(
        where isWanted: (borrowing TCPConnection) -> Bool, _ lookup: inout OwnerLookup
    ) throws(ConnectionSourceError) -> LookedUpRows {
        var rows = LookedUpRows()
        rows.connections.reserveCapacity(rowCount)
        rows.refs.reserveCapacity(rowCount)
        var step: [TCPConnection] = []
        while true {
            switch try source.next(&step) {
            case .rows:
                for row in step {
                    if isWanted(row) {
                        rows.connections.append(row)
                        rows.refs.append(lookup.lookUp(row))
                    } else if row.isListener {
                        lookup.note(listener: row)
                    }
                }
            case .restarted:
                rows.connections.removeAll(keepingCapacity: true)
                rows.refs.removeAll(keepingCapacity: true)
                lookup.rollBackTable()
            case .complete(let outcome):
                rows.outcome = outcome
                return rows
            }
        }
    }

    private mutating func table(
        _ rows: LookedUpRows, _ owners: borrowing ResolvedOwners
    ) -> TCPTable {
        var rowOwners: [RowOwner] = []
        rowOwners.reserveCapacity(rows.refs.count)
        for ref in rows.refs {
            rowOwners.append(
                RowOwner(
                    holder: UInt32(owners.holder(of: ref)), owner: owners.owner(of: ref)))
        }
        return TCPTable(
            rows.connections, rowOwners,
            TableContext(owners, rows.outcome.offloadProblem), rows.outcome,
            problems: rows.outcome.problems + ownerProblems(owners, rowOwners))
    }

    private mutating func ownerProblems(
        _ owners: borrowing ResolvedOwners, _ rows: [RowOwner]
    ) -> [String] {
        if let failure = owners.failure ?? owners.visibility.failure {
            return ["cannot find socket owners: \(failure)"]
        }
        let protectedCount = rows.count { $0.owner == .unattributed(.protected) }
        return protectionNotice.problems(
            owners.visibility, protectedCount: UInt64(protectedCount))
    }
}
