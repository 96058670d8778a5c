import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// What people know of `ss` means the same here.
    @Suite(.requires(.networkNamespaces), .requires(.ss))
    struct Familiar {
        /// A namespace with sockets of both families in most states, and the port of a listener.
        private func inLivelyNamespace(_ body: (_ port: UInt16) throws -> Void) throws {
            let scenarios: [SocketScenario] = [
                .listen, .established, .closeWait, .finWait1, .timeWait, .synSent, .lastAck,
                .closing, .notAccepted,
            ]
            try inNewNetworkNamespace {
                let held =
                    try scenarios.flatMap { scenario in
                        try SocketFamily.allCases.map { try HeldSockets(scenario, $0) }
                    } + [HeldSockets(.dualStack, .ipv4), HeldSockets(.dualStack, .ipv6)]
                defer { for sockets in held { sockets.close() } }
                try body(UInt16(held[0].localPort))
            }
        }

        private func count(_ program: String, _ arguments: String) throws -> Int {
            let result = try run(program, arguments.split(separator: " ").map(String.init))
            #expect(result.status == .exited(0), "\(arguments): \(result.standardError)")
            return result.standardOutput.split(separator: "\n").count
        }

        private static let spellings = [
            ("-l", "-tln"), ("-ltn", "-ltn"), ("-ltnp", "-ltnp"), ("-tanp", "-tanp"),
            ("-tan", "-tan"), ("-4", "-4 -tan"), ("-6", "-6 -tan"), ("-l4tn", "-l4tn"),
            ("-6ltn", "-6ltn"), ("--state ESTAB", "-tn state established"),
            ("--state established", "-tn state established"),
            ("--state close-wait", "-tn state close-wait"),
            ("--state CLOSE_WAIT", "-tn state close-wait"),
            ("--state time-wait", "-tn state time-wait"),
            ("--state FIN-WAIT-1", "-tn state fin-wait-1"),
            ("--state fin-wait-2", "-tn state fin-wait-2"),
            ("--state syn-sent", "-tn state syn-sent"),
            ("--state listening", "-tn state listening"),
            ("--state last-ack", "-tn state last-ack"),
            ("--state closing", "-tn state closing"), ("--state connected", "-tn state connected"),
            ("--state synchronized", "-tn state synchronized"),
            ("--state bucket", "-tn state bucket"),
            ("--state big", "-tn state big"), ("--state all", "-tn state all"),
            (":PORT", "-tan sport = :PORT or dport = :PORT"),
            ("--port PORT", "-tan sport = :PORT or dport = :PORT"),
            ("--local :PORT", "-tan sport = :PORT"), ("--remote :PORT", "-tan dport = :PORT"),
            ("--remote 127.0.0.0/8", "-tan dst 127.0.0.0/8"), ("--remote ::1", "-tan dst [::1]"),
            ("--remote 10.0.0.0/8", "-tan dst 10.0.0.0/8"),
            ("--local 127.0.0.1/32:PORT", "-tan src 127.0.0.1/32:PORT"),
            ("-4 --state estab --remote 127.0.0.0/8", "-4 -tn state established dst 127.0.0.0/8"),
            ("--port 1-65535 -a", "-tan"),
        ]

        @Test func eachSpellingCountsTheSameAsSS() throws {
            try inLivelyNamespace { port in
                for (ours, theirs) in Self.spellings {
                    let expected = try count(
                        toolPath("ss") ?? "ss", "-H " + theirs.replacing("PORT", with: "\(port)"))
                    let counted = try count(lister, "-H " + ours.replacing("PORT", with: "\(port)"))
                    #expect(counted == expected, "\(ours)")
                }
            }
        }

        /// The rows of `ss -tanp`, and how many have each value.
        private func expected(
            _ value: (SocketStatisticsRow) -> String?
        ) throws -> [String: Int] {
            let values = try SocketStatisticsRow.all().compactMap(value)
            return Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
        }

        private func totals(
            _ summary: String, _ name: ([String: Any]) -> String?
        ) throws -> [String: Int] {
            let rows = try listedObjects(["--by", summary]).compactMap { object in
                name(object).flatMap { name in (object["total"] as? Int).map { (name, $0) } }
            }
            return Dictionary(rows, uniquingKeysWith: +)
        }

        @Test func remoteAddressesCountTheSameAsSS() throws {
            try inLivelyNamespace { _ in
                let addresses = try expected { row in
                    let remote = row.socket[2]
                    guard !remote.hasSuffix(":*") else { return nil }
                    return remote.replacing(/:\d+$/, with: "").replacing("[", with: "")
                        .replacing("]", with: "").replacing("::ffff:", with: "")
                }
                #expect(addresses.count >= 2)
                #expect(try totals("remote") { $0["remote"] as? String } == addresses)
            }
        }

        @Test func processesCountTheSameAsSS() throws {
            try inLivelyNamespace { _ in
                let processes = try expected { $0.processIDs.min() }
                #expect(
                    try totals("process") { ($0["pid"] as? Int).map(String.init) } == processes)
            }
        }

        @Test func portsAreThoseOfListenersAndOfOutgoingConnections() throws {
            try inNewNetworkNamespace {
                let load = try ChildProcess(
                    testProgram("tcptable_testload"), ["50", "--listening"])
                try load.awaitOutput("ready")
                defer { load.send(SIGKILL) }
                let ss = toolPath("ss") ?? "ss"
                for object in try listedObjects(["--by=port"]) {
                    let port = try #require(object["port"] as? Int)
                    let end = object["direction"] as? String == "outgoing" ? "dport" : "sport"
                    #expect(object["total"] as? Int == (try count(ss, "-Htan \(end) = :\(port)")))
                }
                let directions = try totals("direction") { $0["direction"] as? String }
                #expect(directions["incoming"] == 50 && directions["outgoing"] == 50)
            }
        }

        @Test func usersAreThoseWhoCreatedTheSockets() throws {
            try inLivelyNamespace { _ in
                let users = try totals("user") { ($0["user_id"] as? Int).map(String.init) }
                let owned = try listedObjects().count { !($0["inode"] is NSNull) }
                #expect(users == ["\(geteuid())": owned])
                #expect(try count(lister, "-H --user \(geteuid())") == owned)
                #expect(try count(lister, "-H --user nobody") == 0)
            }
        }

        @Test func aProcessIsFoundByItsName() throws {
            try inNewNetworkNamespace {
                let holder = try ChildProcess(testProgram("tcptable_holder"), ["listen"])
                try holder.awaitOutput("ready\n")
                defer { holder.send(SIGKILL) }
                let rows = try ListedRow.all(["--process", "tcptable_h*"])
                #expect(rows.map(\.program) == ["tcptable_holder"])
                let mistyped = try run(lister, ["-H", "--process", "tcptable_older"])
                #expect(mistyped.status == .exited(0) && mistyped.standardOutput == "")
                #expect(
                    mistyped.standardError
                        == "tcptable: no process 'tcptable_older'; nearest: tcptable_holder\n")
            }
        }

        @Test func sortedRowsAreTheSameRows() throws {
            try inLivelyNamespace { _ in
                let rows = try ListedRow.all()
                for column in ["state", "remote:desc", "recv-q", "pid:asc", "program", "module"] {
                    #expect(try ListedRow.all(["--sort", column]).sorted() == rows.sorted())
                }
                let queues = try ListedRow.all(["--sort=send-q"]).compactMap { Int($0.cells[4]) }
                #expect(queues == queues.sorted(by: >))
            }
        }
    }
}
