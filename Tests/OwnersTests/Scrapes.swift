import HostFakes
import Procfs
import TableFakes
import Testing

@testable import Owners
@testable import TCPModel

/// One scrape's answers, added up.
struct Answers: Equatable, CustomStringConvertible {
    /// `kind name` or the reason, with the state, and how many.
    private(set) var counts: [String: UInt64] = [:]
    /// The owners of listeners by port.
    private(set) var listeners: [UInt16: String] = [:]
    private(set) var receiveQueue: UInt64 = 0
    private(set) var sendQueue: UInt64 = 0

    var total: UInt64 { counts.values.reduce(0, +) }

    /// The one answer that was given, without its state; nil if there were several.
    var owner: String? {
        let owners = Set(counts.keys.map { $0.split(separator: "|")[0] })
        return owners.count == 1 ? owners.first.map(String.init) : nil
    }

    /// How many connections were given to the owner.
    subscript(owner: String) -> UInt64 {
        counts.filter { $0.key.split(separator: "|")[0] == owner }.values.reduce(0, +)
    }

    /// How many in one state.
    subscript(owner: String, state: TCPState) -> UInt64 {
        counts["\(owner)|\(state.label)"] ?? 0
    }

    /// How many connections have the state, by whomever.
    subscript(state: TCPState) -> UInt64 {
        counts.filter { $0.key.hasSuffix("|\(state.label)") }.values.reduce(0, +)
    }

    var description: String {
        counts.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
    }

    mutating func add(_ row: TCPConnection, _ owner: String) {
        counts["\(owner)|\(row.state.label)", default: 0] += 1
        receiveQueue += UInt64(row.receiveQueue)
        sendQueue += UInt64(row.sendQueue)
        if row.isListener { listeners[row.localPort] = owner }
    }
}

/// One scrape after the other by the same resolver.
struct Scrapes {
    private var resolver: OwnerResolver?
    /// The modules of the last scrape.
    private(set) var modules = ModuleTable()
    private(set) var visibility = HolderVisibility()
    private(set) var failure: FileError?
    private(set) var isExhausted = false
    /// Which processes held the rows of the last scrape.
    private(set) var holders: [HoldingProcess?] = []

    init(_ resolver: OwnerResolver) { self.resolver = resolver }

    /// Of what seems to be a host.
    init(_ host: FakeHost, cgroups: any CgroupDirectories = CgroupFS(mount: "/nonexistent")) {
        self.init(OwnerResolver(host.procfs, cgroups: cgroups))
    }

    var cachedSocketCount: Int { resolver?.cachedSocketCount ?? 0 }

    /// The owner of each row, in one scrape of a table of these rows.
    ///
    /// - Parameters:
    ///   - abandoned: Rows of a first attempt.
    ///   - source: Reads the table again; unless given, it cannot be read.
    ///   - meanwhile: Happens on the host between the table and /proc.
    mutating func owners(
        of rows: [TCPConnection], after abandoned: [TCPConnection] = [],
        rereading source: (any ConnectionSource)? = nil, meanwhile: () throws -> Void = {}
    ) throws -> [String] {
        let idle = resolver.take()
        var lookup = try #require(idle).beginScrape()
        for row in abandoned { _ = lookup.lookUp(row) }
        if !abandoned.isEmpty { lookup.rollBackTable() }
        var refs: [OwnerRef] = []
        for row in rows { refs.append(lookup.lookUp(row)) }
        try meanwhile()
        var source: any ConnectionSource = source ?? ScriptedTable { $0.error = .endedEarly }
        return finish(lookup.resolve(rereading: &source), refs)
    }

    private mutating func finish(
        _ owners: consuming ResolvedOwners, _ refs: [OwnerRef]
    ) -> [String] {
        modules = owners.modules
        visibility = owners.visibility
        failure = owners.failure
        isExhausted = owners.isSearchExhausted
        let table = owners.holders
        holders = []
        var texts: [String] = []
        for ref in refs {
            texts.append(text(owners.owner(of: ref)))
            holders.append(table[owners.holder(of: ref)])
        }
        resolver = owners.finish()
        return texts
    }

    /// The same, added up.
    mutating func scrape(
        _ rows: [TCPConnection], after abandoned: [TCPConnection] = [],
        rereading source: (any ConnectionSource)? = nil, meanwhile: () throws -> Void = {}
    ) -> Answers {
        var answers = Answers()
        do {
            let owners = try owners(
                of: rows, after: abandoned, rereading: source, meanwhile: meanwhile)
            for (row, owner) in zip(rows, owners) { answers.add(row, owner) }
        } catch {
            Issue.record(error)
        }
        return answers
    }

    /// A scrape whose table cannot be read.
    mutating func fail() { resolver = resolver.take()?.beginScrape().abandon() }

    /// Whose the socket of the one row is.
    mutating func owner(of row: TCPConnection) -> String? {
        scrape([row]).owner
    }

    func text(_ owner: Owner) -> String {
        switch owner {
        case .module(let index):
            "\(modules[index].module.kind.label) \(modules[index].module.name)"
        case .unattributed(let reason): "\(reason.label)"
        }
    }
}
