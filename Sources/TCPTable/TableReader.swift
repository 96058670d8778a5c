import OwnerModules
package import Procfs
import SockDiag
import Synchronization
package import TCPConnections

/// Reads tables one after the other, and remembers owners in between.
package struct TableReader<Source: TCPTableSource> {
    private var source: Source
    private var attribution: OwnerAttribution
    /// How many rows the last table had: the next one will have about as many.
    private var rowCount = 0

    package init(source: Source, procfs: ProcFS = ProcFS(), cgroupfs: CgroupFS = CgroupFS()) {
        self.source = source
        attribution = OwnerAttribution(procfs: procfs, cgroupfs: cgroupfs)
    }

    /// Reads the table once.
    ///
    /// - Parameter isWanted: Owners are looked for of these rows alone; the others are left out.
    package mutating func read(
        where isWanted: (borrowing TCPConnection) -> Bool = { _ in true }
    ) throws(TCPTableError) -> TCPTable {
        attribution.beginScrape()
        var (connections, otherListeners, outcome) = try readRows(where: isWanted)
        // Whose a connection is that nobody has accepted yet, its listener tells.
        if connections.contains(where: \.isNotAccepted) { connections += otherListeners }
        var found = Self.attribute(&attribution, connections, &source)
        connections.removeLast(connections.count - rowCount)
        found.owners.removeLast(found.owners.count - rowCount)
        return TCPTable(
            connections, found, attribution.modules, outcome,
            problems: outcome.problems + ownerProblems(found))
    }

    /// Reads the table once, for those who want no owners: no process is looked at.
    package mutating func readWithoutOwners() throws(TCPTableError) -> TCPTable {
        let (connections, _, outcome) = try readRows { _ in true }
        return TCPTable(
            connections, .none, ModuleTable(), outcome, problems: outcome.problems)
    }

    private mutating func readRows(
        where isWanted: (borrowing TCPConnection) -> Bool
    ) throws(TCPTableError) -> (
        wanted: [TCPConnection], otherListeners: [TCPConnection], TCPSocketDump.Outcome
    ) {
        var wanted: [TCPConnection] = []
        wanted.reserveCapacity(rowCount)
        var otherListeners: [TCPConnection] = []
        do throws(SockDiagError) {
            let outcome = try source.read {
                wanted.removeAll(keepingCapacity: true)
                otherListeners.removeAll(keepingCapacity: true)
            } body: { connection in
                if isWanted(connection) {
                    wanted.append(copy connection)
                } else if connection.isListener {
                    otherListeners.append(copy connection)
                }
            }
            rowCount = wanted.count
            return (wanted, otherListeners, outcome)
        } catch {
            throw TCPTableError(error)
        }
    }

    /// Static, so that the source, which is read again meanwhile, is seen to be another variable.
    private static func attribute(
        _ attribution: inout OwnerAttribution, _ connections: [TCPConnection],
        _ source: inout Source
    ) -> RowOwners {
        attribution.attribute(rows: connections) { source.open(among: $0) }
    }

    private func ownerProblems(_ found: RowOwners) -> [String] {
        if let failure = found.failure { return ["owners are not known: \(failure)"] }
        return attribution.visibility.problems
    }
}

/// The process's own readers: what one caller has found out serves the next.
final class SharedTableReader: Sendable {
    private let reader: Mutex<TableReader<KernelTCPTable>>

    /// One for each scope: a reader forgets the sockets that its last table had not.
    private static let everyFamily = SharedTableReader(nil)
    private static let ipv4 = SharedTableReader(.ipv4)
    private static let ipv6 = SharedTableReader(.ipv6)

    private init(_ family: AddressFamily?) {
        reader = Mutex(TableReader(source: KernelTCPTable(procfs: ProcFS(), family: family)))
    }

    static func of(_ family: AddressFamily?) -> SharedTableReader {
        switch family {
        case nil: everyFamily
        case .ipv4: ipv4
        case .ipv6: ipv6
        }
    }

    func read(includingOwners: Bool) throws(TCPTableError) -> TCPTable {
        try reader.withLock { (reader) throws(TCPTableError) in
            try includingOwners ? reader.read() : reader.readWithoutOwners()
        }
    }
}
