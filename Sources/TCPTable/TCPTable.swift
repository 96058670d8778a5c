@_exported public import Owners
@_exported public import TCPModel

/// The kernel's TCP table at one moment: a row for each connection and listener, with its owner.
///
/// ```swift
/// for row in try TCPTable.snapshot(ordered: true) where row.state == .closeWait {
///     print(row.local, row.remote, row.module?.name ?? "nobody's")
/// }
/// ```
///
/// A dump of the kernel is no atomic picture: a socket that opens or closes meanwhile may be missed
/// or seen twice.
public struct TCPTable: RandomAccessCollection, Sendable {
    package private(set) var connections: [TCPConnection]
    /// Of each row; empty when nobody asked.
    private var owners: [RowOwner]
    private let context: TableContext

    /// Whether the kernel called each attempt disturbed (`NLM_F_DUMP_INTR`): rows may be missing or
    /// doubled more than usual.
    public let isInterrupted: Bool

    /// Whether the kernel told which connections have kernel TLS, if any has. Where BPF
    /// does not tell it, the kernel before Linux 6.15 tells only those with `CAP_NET_ADMIN`; before 6.9 it is
    /// not asked; and it does not answer while a program holds the lock of a socket.
    public var isOffloadKnown: Bool { offloadProblem == nil }

    /// Why offload states are unknown; nil when they are known.
    package var offloadProblem: OffloadProblem? { context.offloadProblem }

    /// What could not be known of the table, a sentence each: missing rights, a /proc that hides
    /// processes, a disturbed dump.
    public internal(set) var problems: [String]

    init(
        _ connections: [TCPConnection], _ owners: [RowOwner], _ context: TableContext,
        _ outcome: DumpOutcome, problems: [String]
    ) {
        self.connections = connections
        self.owners = owners
        self.context = context
        isInterrupted = outcome.isInterrupted
        self.problems = problems
    }

    /// Puts the rows in the order of `ordered()`, without a second table in memory.
    package mutating func sort() {
        var sources = RowOrder.indices(connections)
        for start in sources.indices where sources[start] != start {
            let (row, owner) = (connections[start], owners.isEmpty ? nil : owners[start])
            var place = start
            while sources[place] != start {
                let source = sources[place]
                connections[place] = connections[source]
                if owner != nil { owners[place] = owners[source] }
                sources[place] = place
                place = source
            }
            connections[place] = row
            if let owner { owners[place] = owner }
            sources[place] = place
        }
    }

    /// Whether the owner of any row went away while it was searched for.
    var hasPartialRows: Bool { owners.contains { $0.owner == .unattributed(.partial) } }

    private init(_ table: TCPTable, at indices: [Int]) {
        connections = indices.map { table.connections[$0] }
        owners = table.owners.isEmpty ? [] : indices.map { table.owners[$0] }
        context = table.context
        isInterrupted = table.isInterrupted
        problems = table.problems
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// How many rows there are.
    public var endIndex: Int { connections.count }

    /// The row at a place below `endIndex`.
    public subscript(index: Int) -> TCPRow {
        TCPRow(connections[index], owners.isEmpty ? nil : owners[index], context)
    }

    /// The same rows by local address, local port, remote address and remote port, each compared as
    /// a number; IPv4 first.
    public func ordered() -> TCPTable {
        TCPTable(self, at: RowOrder.indices(connections))
    }
}

extension TCPTable {
    /// Reads the table of the calling thread's network namespace (`man 7 sock_diag`).
    ///
    /// Owners are remembered from one call to the next: the first one looks through the descriptors
    /// of all processes, later ones only for sockets that are new. Safe to call from any thread.
    ///
    /// - Parameters:
    ///   - family: The sockets' own family; nil is both.
    ///   - ordered: Whether rows are sorted, as `ordered()` does; else they come as the kernel has
    ///     them.
    ///   - includingOwners: Whether owners are looked for. Without, the first call costs no more than
    ///     the others, and rows have neither process nor module, nor a reason why.
    public static func snapshot(
        family: AddressFamily? = nil, ordered: Bool = false, includingOwners: Bool = true
    ) throws(TCPTableError) -> TCPTable {
        let table = try SharedTableReader.read(family, includingOwners: includingOwners)
        return ordered ? table.ordered() : table
    }
}

/// Whose one row is.
struct RowOwner: Sendable {
    /// An index into the processes of the table's context; 0 for none.
    var holder: UInt32
    var owner: Owner
}

/// What the rows of one table share.
final class TableContext: Sendable {
    private let holders: [HoldingProcess?]
    private let modules: [ModuleTable.Entry?]
    let offloadProblem: OffloadProblem?

    init(_ owners: borrowing ResolvedOwners, _ offloadProblem: OffloadProblem?) {
        self.offloadProblem = offloadProblem
        holders = owners.holders
        let table = owners.modules
        var modules = [ModuleTable.Entry?](repeating: nil, count: table.capacity)
        for index in table.living { modules[index.rawValue] = table[index] }
        self.modules = modules
    }

    /// The context of rows whose owners nobody asked for.
    init(_ offloadProblem: OffloadProblem?) {
        self.offloadProblem = offloadProblem
        holders = []
        modules = []
    }

    /// The context of another table of the same scrape.
    init(_ first: TableContext, _ offloadProblem: OffloadProblem?) {
        self.offloadProblem = offloadProblem
        holders = first.holders
        modules = first.modules
    }

    /// The name of the process's program; empty when there is none.
    func program(of owner: RowOwner?) -> String {
        owner.flatMap { holders[Int($0.holder)]?.program } ?? ""
    }

    func process(of owner: RowOwner?) -> OwningProcess? {
        owner.flatMap { holders[Int($0.holder)]?.process }
    }

    /// The path of the process's executable; empty when unknown.
    func path(of owner: RowOwner?) -> String {
        owner.flatMap { holders[Int($0.holder)]?.path } ?? ""
    }

    func module(of owner: RowOwner?) -> ModuleTable.Entry? {
        guard case .module(let index) = owner?.owner else { return nil }
        return modules[index.rawValue]
    }
}
