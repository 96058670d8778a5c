package import Owners
package import TCPModel

/// Reads tables one after the other; owners are cached in between.
package struct TableReader {
    private var source: any ConnectionSource
    /// Nil while tables are read.
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

    /// Reads the table of the calling thread's network namespace.
    ///
    /// - Parameter isWanted: The other rows are left out, and no owners are searched for them.
    package mutating func read(
        where isWanted: (borrowing TCPConnection) -> Bool = { _ in true }
    ) throws(TCPTableError) -> TCPTable {
        let read = try read(.own, where: isWanted)
        guard var table = read.tables.first?.table else {
            preconditionFailure("the own table is read, or an error is thrown")
        }
        table.problems = read.problems
        return table
    }

    /// Reads the tables of some network namespaces. Of the caller's own a failure is an error; of
    /// another one it is a problem.
    ///
    /// The first time it reads the tables again where an owner seems to have gone: a second look tells
    /// whether the socket has gone too, or is the kernel's own.
    ///
    /// - Parameter isWanted: The other rows are left out, and no owners are searched for them.
    package mutating func read(
        _ scope: NamespaceScope, where isWanted: (borrowing TCPConnection) -> Bool
    ) throws(TCPTableError) -> NamespaceTables {
        let tables = try readOnce(scope, where: isWanted)
        guard isFirst else { return tables }
        isFirst = false
        return tables.tables.contains { $0.table.hasPartialRows }
            ? try readOnce(scope, where: isWanted) : tables
    }

    private mutating func readOnce(
        _ scope: NamespaceScope, where isWanted: (borrowing TCPConnection) -> Bool
    ) throws(TCPTableError) -> NamespaceTables {
        guard var lookup = resolver.take()?.beginScrape() else {
            preconditionFailure("tables are being read")
        }
        var read: [LookedUpTable] = []
        var problems: [String] = []
        for (index, namespace) in scope.namespaces.enumerated() {
            var table = LookedUpTable(namespace)
            // The first table is the own one: it can be read again.
            if namespace != nil { lookup.beginTable(UInt16(index + 1)) }
            do throws(NamespaceFailure) {
                try readRows(into: &table, scope, where: isWanted, &lookup)
                problems += table.outcome.problems.map { namespace.problemPrefix + $0 }
                read.append(table)
            } catch {
                lookup.rollBackTable()
                if let error = error.ownTableError(namespace) {
                    resolver = lookup.abandon()
                    throw error
                }
                if let problem = error.problem(namespace) { problems.append(problem) }
                if error.isDenied { break }
            }
        }
        rowCount = read.first?.connections.count ?? 0
        let owners = lookup.resolve(rereading: &source)
        let tables = tables(read, owners, problems)
        resolver = owners.finish()
        return tables
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

/// The rows of one table, with references to their owners.
private struct LookedUpTable {
    let namespace: NetworkNamespace?
    var connections: [TCPConnection] = []
    var refs: [OwnerRef] = []
    var listeners: [ListeningPlace] = []
    var interfaces: [UInt32: String] = [:]
    var outcome = DumpOutcome()

    init(_ namespace: NetworkNamespace?) { self.namespace = namespace }

    mutating func removeAll() {
        connections.removeAll(keepingCapacity: true)
        refs.removeAll(keepingCapacity: true)
        listeners.removeAll()
    }

    /// Names the interfaces, on a thread that is in the namespace.
    mutating func nameInterfaces() {
        for row in connections where row.interfaceIndex != 0 {
            let index = row.interfaceIndex
            if interfaces[index] == nil { interfaces[index] = interfaceName(index) }
        }
    }
}

/// Why the table of a namespace could not be read.
private enum NamespaceFailure: Error {
    case table(ConnectionSourceError)
    case entering(FileError)

    /// The error that ends the reading of all tables, if this is of the caller's own.
    func ownTableError(_ namespace: NetworkNamespace?) -> TCPTableError? {
        guard case .table(let error) = self, namespace == nil else { return nil }
        return TCPTableError(error)
    }

    /// Whether a right is missing, so that all other namespaces cannot be entered either.
    var isDenied: Bool {
        if case .entering(let error) = self { error.isDenied } else { false }
    }

    func problem(_ namespace: NetworkNamespace?) -> String? {
        switch self {
        case .table(let error): namespace.problemPrefix + "\(error)"
        case .entering(let error): namespace.flatMap { NamespaceScope.problem($0, error) }
        }
    }
}

extension TableReader {
    private mutating func readRows(
        into table: inout LookedUpTable, _ scope: NamespaceScope,
        where isWanted: (borrowing TCPConnection) -> Bool, _ lookup: inout OwnerLookup
    ) throws(NamespaceFailure) {
        var failure: ConnectionSourceError?
        do throws(FileError) {
            try scope.enter(table.namespace) {
                do throws(ConnectionSourceError) {
                    try readRows(into: &table, where: isWanted, &lookup)
                } catch {
                    failure = error
                }
            }
        } catch {
            throw .entering(error)
        }
        if let failure { throw .table(failure) }
    }

    private mutating func readRows(
        into table: inout LookedUpTable, where isWanted: (borrowing TCPConnection) -> Bool,
        _ lookup: inout OwnerLookup
    ) throws(ConnectionSourceError) {
        if table.namespace == nil {
            table.connections.reserveCapacity(rowCount)
            table.refs.reserveCapacity(rowCount)
        }
        var step: [TCPConnection] = []
        while true {
            switch try source.next(&step) {
            case .rows:
                for row in step { add(row, to: &table, isWanted(row), &lookup) }
            case .restarted:
                table.removeAll()
                lookup.rollBackTable()
            case .complete(let outcome):
                table.outcome = outcome
                table.nameInterfaces()
                return
            }
        }
    }

    @inline(__always)
    private func add(
        _ row: TCPConnection, to table: inout LookedUpTable, _ isWanted: Bool,
        _ lookup: inout OwnerLookup
    ) {
        if row.isListener {
            table.listeners.append(ListeningPlace(local: row.local, family: row.family))
        }
        if isWanted {
            table.connections.append(row)
            table.refs.append(lookup.lookUp(row))
        } else if row.isListener {
            lookup.note(listener: row)
        }
    }

    private mutating func tables(
        _ read: [LookedUpTable], _ owners: borrowing ResolvedOwners, _ problems: [String]
    ) -> NamespaceTables {
        let context = TableContext(owners, nil)
        var tables = NamespaceTables(problems: problems)
        var protectedCount = 0
        for read in read {
            var rowOwners: [RowOwner] = []
            rowOwners.reserveCapacity(read.refs.count)
            for ref in read.refs {
                rowOwners.append(
                    RowOwner(
                        holder: UInt32(owners.holder(of: ref)), owner: owners.owner(of: ref)))
            }
            protectedCount += rowOwners.count { $0.owner == .unattributed(.protected) }
            let table = TCPTable(
                read.connections, rowOwners,
                TableContext(context, read.outcome.offloadProblem), read.outcome, problems: [])
            tables.tables.append(
                NamespaceTable(
                    namespace: read.namespace, table: table, interfaces: read.interfaces,
                    listeners: read.listeners))
        }
        tables.problems += ownerProblems(owners, protectedCount)
        return tables
    }

    private mutating func ownerProblems(
        _ owners: borrowing ResolvedOwners, _ protectedCount: Int
    ) -> [String] {
        if let failure = owners.failure ?? owners.visibility.failure {
            return ["cannot find socket owners: \(failure)"]
        }
        return protectionNotice.problems(
            owners.visibility, protectedCount: UInt64(protectedCount))
    }
}
