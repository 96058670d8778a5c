import TestSupport

@testable import TCPModel

/// A row as `ss -tan` has it.
struct SSRow: Equatable, Comparable, CustomStringConvertible {
    let state: String
    let receiveQueue: String
    let sendQueue: String
    let local: String
    let remote: String

    var description: String { "\(state) \(receiveQueue) \(sendQueue) \(local) \(remote)" }

    static func < (a: SSRow, b: SSRow) -> Bool { a.description < b.description }

    /// The calling thread's table as `ss` shows it, sorted.
    static func all() throws -> [SSRow] {
        let output = try run(toolPath("ss") ?? "ss", ["-tanH"]).standardOutput
        return try output.split(separator: "\n").map(SSRow.init).sorted()
    }

    private init(line: Substring) throws {
        let fields = line.split(separator: " ").map(String.init)
        guard fields.count == 5 else { throw UnreadableLine(line: String(line)) }
        (state, receiveQueue, sendQueue) = (fields[0], fields[1], fields[2])
        (local, remote) = (fields[3], fields[4])
    }
}

extension SSRow {
    /// The row that `ss` should show for this connection.
    init(_ connection: TCPConnection) {
        state = connection.state.ssName
        receiveQueue = String(connection.receiveQueue)
        sendQueue = String(connection.sendQueue)
        local = Self.endpoint(connection.localAddress, connection.localPort)
        remote = Self.endpoint(connection.remoteAddress, connection.remotePort)
    }

    private static func endpoint(_ address: IPAddress, _ port: UInt16) -> String {
        let port = port == 0 ? "*" : String(port)
        return address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}

extension TCPState {
    /// The spelling of `ss`, `misc/ss.c` of iproute2.
    fileprivate var ssName: String {
        switch self {
        case .established: "ESTAB"
        case .synSent: "SYN-SENT"
        case .synRecv: "SYN-RECV"
        case .finWait1: "FIN-WAIT-1"
        case .finWait2: "FIN-WAIT-2"
        case .timeWait: "TIME-WAIT"
        case .close: "UNCONN"
        case .closeWait: "CLOSE-WAIT"
        case .lastAck: "LAST-ACK"
        case .listen: "LISTEN"
        case .closing: "CLOSING"
        }
    }
}

/// `ss` said something that is no row.
private struct UnreadableLine: Error {
    let line: String
}
