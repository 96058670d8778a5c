import Procfs
import SockDiag

@testable import OwnerModules
@testable import TCPConnections

/// Rows as the kernel would give them.
extension TCPConnection {
    /// A connection of 10.0.0.1:80, unless told otherwise; its cookie is its inode number, unless it
    /// has none.
    static func row(
        _ state: TCPState = .established, inode: UInt32? = nil, cookie: UInt64? = nil,
        local: IPAddress = .v4(10, 0, 0, 1), port: UInt16 = 80, cgroup: UInt64? = nil,
        userID: UInt32 = 0, receiveQueue: UInt32 = 0, sendQueue: UInt32 = 0
    ) -> TCPConnection {
        TCPConnection(
            local: InetDiagEndpoint(address: local.words, port: port),
            remote: InetDiagEndpoint(address: (1, 0), port: 40_000),
            cookie: cookie ?? UInt64(inode ?? 0), cgroup: cgroup.map(CgroupID.init),
            receiveQueue: receiveQueue, sendQueue: sendQueue, userID: userID,
            inode: inode.map(SocketInode.init), family: local.family, state: state, tls: nil)
    }
}

extension IPAddress {
    static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> IPAddress {
        IPAddress(family: .ipv4, words: (words([a, b, c, d, 0, 0, 0, 0]), 0))
    }

    static func mapped(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> IPAddress {
        IPAddress(family: .ipv6, words: (0, words([0, 0, 0xFF, 0xFF, a, b, c, d])))
    }

    /// 2001:db8::N.
    static func v6(_ last: UInt8) -> IPAddress {
        IPAddress(
            family: .ipv6,
            words: (words([0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0]), words([0, 0, 0, 0, 0, 0, 0, last])))
    }

    /// Eight bytes in memory order.
    private static func words(_ bytes: [UInt8]) -> UInt64 {
        UInt64(bigEndian: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}

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

    mutating func add(_ tally: ConnectionTally, _ owner: String) {
        counts["\(owner)|\(tally.state.label)", default: 0] += tally.count
        receiveQueue += tally.receiveQueue
        sendQueue += tally.sendQueue
    }

    mutating func add(_ listener: AttributedListener, _ owner: String) {
        listeners[listener.port] = owner
    }
}

extension OwnerAttribution {
    /// One scrape of a table of these rows.
    mutating func scrape(
        _ rows: [TCPConnection], openAmong: OpenSockets = { _ in nil }
    ) -> Answers {
        let given = begin(rows)
        return finish(given, openAmong)
    }

    /// One scrape, in which something happens on the host between the table and /proc.
    mutating func scrape(
        _ rows: [TCPConnection], meanwhile: () throws -> Void
    ) throws -> Answers {
        let given = begin(rows)
        try meanwhile()
        return finish(given)
    }

    private mutating func begin(_ rows: [TCPConnection]) -> [(ConnectionTally, Attribution)] {
        var given: [(ConnectionTally, Attribution)] = []
        beginScrape()
        for row in rows { take(row) { given.append(($0, $1)) } }
        return given
    }

    /// Whose the socket of the one row is.
    mutating func owner(of row: TCPConnection) -> String? {
        scrape([row]).owner
    }

    mutating func finish(
        _ before: [(ConnectionTally, Attribution)] = [], _ openAmong: OpenSockets = { _ in nil }
    ) -> Answers {
        var given = before
        var listeners: [AttributedListener] = []
        try? attribute {
            given.append(($0, $1))
        } listener: {
            listeners.append($0)
        } openAmong: {
            openAmong($0)
        }
        var answers = Answers()
        for (tally, attribution) in given { answers.add(tally, text(attribution)) }
        for listener in listeners { answers.add(listener, text(listener.attribution)) }
        return answers
    }

    func text(_ attribution: Attribution) -> String {
        switch attribution {
        case .module(let index):
            "\(modules[index].module.kind.label) \(modules[index].module.name)"
        case .unattributed(let reason): "\(reason.label)"
        }
    }
}
