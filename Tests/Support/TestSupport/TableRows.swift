/// The kernel's TCP states by its own numbers (`include/net/tcp_states.h`).
package enum SocketState: UInt8, CaseIterable, Sendable {
    case established = 1
    case synSent, synReceived, finWait1, finWait2, timeWait, close, closeWait, lastAck, listen
    case closing

    /// The state as metrics and `bare_dump --states` spell it.
    package var label: String {
        switch self {
        case .established: "established"
        case .synSent: "syn_sent"
        case .synReceived: "syn_recv"
        case .finWait1: "fin_wait1"
        case .finWait2: "fin_wait2"
        case .timeWait: "time_wait"
        case .close: "close"
        case .closeWait: "close_wait"
        case .lastAck: "last_ack"
        case .listen: "listen"
        case .closing: "closing"
        }
    }
}

/// The family of a socket, which for an IPv4 connection of a dual-stack socket is IPv6.
package enum SocketFamily: String, CaseIterable, Sendable {
    case ipv4, ipv6
}

/// How many rows of each family and state a TCP table has.
package struct TableRows: Equatable, Sendable {
    private struct Key: Hashable {
        let family: SocketFamily
        let state: SocketState
    }

    private var counts: [Key: Int] = [:]

    package init() {}

    /// Rows of one family.
    package init(_ family: SocketFamily, _ counts: [SocketState: Int]) {
        for (state, count) in counts { self[family, state] = count }
    }

    /// The number of rows; 0 where none was counted.
    package subscript(family: SocketFamily, state: SocketState) -> Int {
        get { counts[Key(family: family, state: state)] ?? 0 }
        set { counts[Key(family: family, state: state)] = newValue == 0 ? nil : newValue }
    }

    /// The number of rows in a state, of both families.
    package subscript(state: SocketState) -> Int {
        SocketFamily.allCases.reduce(0) { $0 + self[$1, state] }
    }

    package var total: Int { counts.values.reduce(0, +) }

    /// The rows of two disjoint parts of a table.
    package static func + (left: TableRows, right: TableRows) -> TableRows {
        var sum = left
        for (key, count) in right.counts { sum[key.family, key.state] += count }
        return sum
    }

    /// The same without bound and unconnected sockets, which older readers do not see.
    package func without(_ state: SocketState) -> TableRows {
        var rest = self
        for family in SocketFamily.allCases { rest[family, state] = 0 }
        return rest
    }
}

extension TableRows: CustomStringConvertible {
    package var description: String {
        let lines = SocketFamily.allCases.flatMap { family in
            SocketState.allCases.filter { self[family, $0] != 0 }
                .map { "\(family) \($0.label) \(self[family, $0])" }
        }
        return lines.joined(separator: ", ")
    }
}
