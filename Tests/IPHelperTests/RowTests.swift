import Foundation
import TCPTable
import TestSupport
import Testing

/// The rows that a C program reads, against `ss` and the Swift library.
@Suite(
    .requires(.networkNamespaces), .requires(.tool("gcc")), .requires(.tool("g++")),
    .requires(.tool("clang")), .requires(.tool("clang++")), .requires(.ss))
struct RowTests {
    /// `ss` of iproute2 6.1 leaves out sockets that are bound and not connected.
    @Test func eachRowIsTheOneOfSS() throws {
        try withSockets(SocketScenario.allCases) { held in
            let rows = try PrintedRow.all()
            #expect(Set(rows.map(\.state)) == Set(kernelListsBoundSockets ? 1...11 : 2...11))
            let shown = try SSLine.all()
            #expect(
                rows.filter { $0.state != 1 }.map(\.text).sorted() == shown.map(\.text).sorted())
            let bound = held.reduce(into: 0) {
                $0 += $1.rows[.ipv4, .close] + $1.rows[.ipv6, .close]
            }
            #expect(rows.count { $0.state == 1 } == (kernelListsBoundSockets ? bound : 0))
        }
    }

    /// A program that another test starts has our descriptors until it calls exec.
    @Test(.requires(.root)) func eachProcessIsTheOneOfSS() throws {
        try withSockets(SocketScenario.allCases) { _ in
            let rows = try PrintedRow.all()
            var processes: [String: Set<String>] = [:]
            for line in try SSLine.all() { processes[line.text] = line.processes }
            for row in rows where row.state != 1 {
                let expected = try #require(processes[row.text])
                if expected.isEmpty {
                    #expect(row.process == "0", "\(row)")
                } else {
                    #expect(expected.contains(row.process), "\(row)")
                }
            }
            #expect(rows.contains { $0.process == "0" })
            #expect(rows.contains { $0.process == String(getpid()) })
        }
    }

    @Test(.requires(.tool("ip"))) func aScopeIsThatOfALinkLocalAddressAlone() throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(.listen, .ipv6)
            defer { held.close() }
            try addAddresses(["fe80::7/64"])
            let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_scope_id = 1
            try #require(unsafe inet_pton(AF_INET6, "fe80::7", &address.sin6_addr) == 1)
            let bound = unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
            try #require(bound == 0 && listen(descriptor, 1) == 0)
            let lines = try ContractProgram.run(.rows).split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.count { $0.hasSuffix(" scopes 1 0") && $0.contains("[fe80::7]") } == 1)
        }
    }

    @Test(arguments: [Toolchain.gcc, .clang, .sanitizers])
    func theExampleListsTheTableWithItsOwners(_ toolchain: Toolchain) throws {
        let example = try toolchain.compile([Sources.example], to: "owners")
        try withSockets([.listen, .notAccepted, .established]) { _ in
            let result = try run(example)
            #expect(result.status == .exited(0) && result.standardError == "")
            let expected = try TCPTable.snapshot(family: .ipv4, ordered: true).map { row in
                // The example writes the port 0 as it is.
                let ends = "\(row.local) \(row.remote.replacing("*", with: "0"))"
                guard let process = row.process else { return "\(ends) 0 (error 1168)" }
                let owner = try row.owner()
                return "\(ends) \(process.id) \(owner.module.name) \(owner.path)"
            }
            #expect(result.standardOutput.split(separator: "\n").map(String.init) == expected)
            #expect(expected.count == 6)
        }
    }

    /// Any user names his programs: the example writes the name as UTF-8, and no control
    /// characters.
    @Test func theExampleWritesHostileNamesAsText() throws {
        let example = try Toolchain.gcc.compile([Sources.example], to: "owners-of-names")
        let name = "Größe €😀\u{1b}[31m\n\u{85}x"
        let program = product(name)
        try? FileManager.default.removeItem(atPath: program)
        try copyExecutable(testProgram("tcptable_holder"), to: program)
        defer { try? FileManager.default.removeItem(atPath: program) }
        try inNewNetworkNamespace {
            let holder = try ChildProcess(program, ["listen"])
            try holder.awaitOutput("ready")
            let text = try run(example).standardOutput
            #expect(text.hasSuffix("/Größe €😀?[31m??x\n"))
            #expect(text.split(separator: "\n").count == 1)
        }
    }
}

/// A row as `Programs/rows.c` prints it.
struct PrintedRow: CustomStringConvertible {
    let state: Int
    /// State and both ends, as `ss` writes them.
    let text: String
    let process: String

    var description: String { "\(text) \(process)" }

    private static let names = [
        "", "UNCONN", "LISTEN", "SYN-SENT", "SYN-RECV", "ESTAB", "FIN-WAIT-1", "FIN-WAIT-2",
        "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
    ]

    static func all() throws -> [PrintedRow] {
        try ContractProgram.run(.rows).split(separator: "\n").map { line in
            let fields = line.split(separator: " ").map(String.init)
            try #require(fields.count == 5 && fields[4] == "0", "\(line)")
            let state = try #require(Int(fields[0]))
            return PrintedRow(
                state: state, text: "\(names[state]) \(fields[1]) \(fields[2])",
                process: fields[3])
        }
    }
}

/// A row as `ss -tanp` shows it.
struct SSLine {
    let text: String
    let processes: Set<String>

    static func all() throws -> [SSLine] {
        let output = try run(toolPath("ss") ?? "ss", ["-tanpH"]).standardOutput
        return try output.split(separator: "\n").map { line in
            let fields = line.split(separator: " ").map(String.init)
            try #require(fields.count >= 5, "\(line)")
            let processes = line.matches(of: /pid=([0-9]+)/).map { String($0.output.1) }
            return SSLine(
                text: "\(fields[0]) \(fields[3]) \(fields[4])", processes: Set(processes))
        }
    }
}
