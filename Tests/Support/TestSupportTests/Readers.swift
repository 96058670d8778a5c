import Foundation
import TestSupport

/// The calling thread's TCP table as `bare_dump` counts it, bound sockets included.
func tableOfBareDump() throws -> TableRows {
    let output = try run(testProgram("bare_dump"), ["--states"]).standardOutput
    var rows = TableRows()
    for line in output.split(separator: "\n").dropFirst() {
        let fields = line.split(separator: " ").map(String.init)
        guard let family = SocketFamily(rawValue: fields[0]),
            let state = SocketState.allCases.first(where: { $0.label == fields[1] }),
            let count = Int(fields[2])
        else { throw UnreadableLine(line: String(line)) }
        rows[family, state] += count
    }
    return rows
}

/// The calling thread's TCP table as `/proc` lists it.
func tableOfProc() throws -> TableRows {
    try rowsOfProc(.ipv4, "/proc/thread-self/net/tcp")
        + rowsOfProc(.ipv6, "/proc/thread-self/net/tcp6")
}

private func rowsOfProc(_ family: SocketFamily, _ path: String) throws -> TableRows {
    var rows = TableRows()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for line in text.split(separator: "\n").dropFirst() {
        let fields = line.split(separator: " ")
        guard let number = UInt8(fields[3], radix: 16), let state = SocketState(rawValue: number)
        else { throw UnreadableLine(line: String(line)) }
        rows[family, state] += 1
    }
    return rows
}

/// The calling thread's TCP table as `ss -tan` lists it.
func tableOfSS() throws -> TableRows {
    let states: [SocketState: String] = [
        .established: "ESTAB", .synSent: "SYN-SENT", .synReceived: "SYN-RECV",
        .finWait1: "FIN-WAIT-1", .finWait2: "FIN-WAIT-2", .timeWait: "TIME-WAIT",
        .close: "UNCONN", .closeWait: "CLOSE-WAIT", .lastAck: "LAST-ACK", .listen: "LISTEN",
        .closing: "CLOSING",
    ]
    var rows = TableRows()
    for (family, option) in [(SocketFamily.ipv4, "-4"), (.ipv6, "-6")] {
        let output = try run("ss", ["-tanH", option]).standardOutput
        for line in output.split(separator: "\n") {
            let name = String(line.prefix { $0 != " " })
            guard let state = states.first(where: { $0.value == name })?.key
            else { throw UnreadableLine(line: String(line)) }
            rows[family, state] += 1
        }
    }
    return rows
}

struct UnreadableLine: Error {
    let line: String
}
