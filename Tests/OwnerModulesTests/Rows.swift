import Procfs
import SockDiag

@testable import OwnerModules
@testable import TCPConnections

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
