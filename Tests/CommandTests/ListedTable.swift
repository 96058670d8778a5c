import Foundation
import TestSupport
import Testing

/// The built listing command.
let lister = builtCommand("tcptable")

/// A row of the listing. Its cells are separated by two or more spaces.
struct ListedRow: Equatable, Comparable, CustomStringConvertible {
    let cells: [String]

    init(_ cells: [String]) { self.cells = cells }

    init(line: String) throws {
        cells = line.split(separator: #/\s\s+/#).map(String.init)
        guard cells.count == 8 else { throw Silence(what: "no row: \(line)") }
    }

    var state: String { cells[0] }
    var processID: String { cells[5] }
    var program: String { cells[6] }
    var module: String { cells[7] }
    /// The values that `ss -tan` shows as well: state, addresses and queues.
    var socket: [String] { Array(cells[0...4]) }
    var description: String { cells.joined(separator: "  ") }

    static func < (a: Self, b: Self) -> Bool { a.description < b.description }

    /// The rows that the command lists with these arguments.
    static func all(_ arguments: [String] = []) throws -> [ListedRow] {
        let result = try run(lister, arguments)
        #expect(result.status == .exited(0), "\(result.standardError)")
        let lines = result.standardOutput.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("STATE") == true)
        return try lines.dropFirst().map(ListedRow.init(line:))
    }
}

/// The objects that the command lists with these arguments, parsed by Foundation.
func listedObjects(_ arguments: [String] = []) throws -> [[String: Any]] {
    let result = try run(lister, ["--json"] + arguments)
    #expect(result.status == .exited(0), "\(result.standardError)")
    return try objects(result.standardOutput)
}

/// The objects of whole lines.
func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(object as? [String: Any])
    }
}

/// A row as `ss -tanp` has it.
struct SocketStatisticsRow {
    /// State, addresses and queues, in the order and spelling of the listing.
    let socket: [String]
    /// The processes that hold it.
    let processIDs: Set<String>

    static func all() throws -> [SocketStatisticsRow] {
        let output = try run(toolPath("ss") ?? "ss", ["-tanpH"]).standardOutput
        return output.split(separator: "\n").map { SocketStatisticsRow(line: String($0)) }
    }

    private init(line: String) {
        let fields = line.split(separator: " ", maxSplits: 5).map(String.init)
        socket = [Self.states[fields[0]] ?? fields[0], fields[3], fields[4], fields[1], fields[2]]
        let processes = fields.count > 5 ? fields[5] : ""
        processIDs = Set(processes.matches(of: /pid=(\d+)/).map { String($0.1) })
    }

    /// The spelling of `ss`, `misc/ss.c` of iproute2.
    private static let states = [
        "ESTAB": "established", "SYN-SENT": "syn_sent", "SYN-RECV": "syn_recv",
        "FIN-WAIT-1": "fin_wait1", "FIN-WAIT-2": "fin_wait2", "TIME-WAIT": "time_wait",
        "UNCONN": "close", "CLOSE-WAIT": "close_wait", "LAST-ACK": "last_ack",
        "LISTEN": "listen", "CLOSING": "closing",
    ]
}
