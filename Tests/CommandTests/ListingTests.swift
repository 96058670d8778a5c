import Foundation
import TestSupport
import Testing

extension SlowCommandTests {
    /// Rows compared with those of `ss` and the exporter.
    @Suite(.requires(.networkNamespaces))
    struct Listing {
        private static let cases = SocketScenario.allCases.flatMap { scenario in
            SocketFamily.allCases.map { (scenario, $0) }
        }

        @Test(.requires(.ss), arguments: cases)
        func rowsAndTheirProcessesAreThoseOfSS(
            _ scenario: SocketScenario, _ family: SocketFamily
        ) throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(scenario, family)
                defer { held.close() }
                let expected = try SocketStatisticsRow.all().sorted { "\($0)" < "\($1)" }
                let rows = try ListedRow.all().filter { row in
                    // Older versions of ss ask for no bound sockets.
                    row.state != "close" || expected.contains { $0.socket == row.socket }
                }
                #expect(
                    rows.map(\.socket).sorted(by: areInOrder)
                        == expected.map(\.socket).sorted(by: areInOrder))
                for row in rows {
                    let processIDs = expected.first { $0.socket == row.socket }?.processIDs ?? []
                    #expect(
                        processIDs.isEmpty
                            ? row.processID == "-" : processIDs.contains(row.processID))
                }
            }
        }

        private func areInOrder(_ a: [String], _ b: [String]) -> Bool {
            a.joined(separator: " ") < b.joined(separator: " ")
        }

        @Test(.slow, arguments: cases)
        func eachFormCountsTheSameAsTheExporter(
            _ scenario: SocketScenario, _ family: SocketFamily
        ) throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(scenario, family)
                defer { held.close() }
                let text = try run(exporter, ["--once"]).standardOutput
                let metrics = try MetricsText(Array(text.utf8))
                let rows = try ListedRow.all()
                for state in try listedObjects(["--by=state"]) {
                    let label = try #require(state["state"] as? String)
                    let total = try #require(state["total"] as? Int)
                    #expect(total == rows.count { $0.state == label })
                    for family in SocketFamily.allCases {
                        let labels = ["family": family.rawValue, "state": label]
                        let count = metrics.value("tcptable_connections", labels)
                        #expect(Double(state[family.rawValue] as? Int ?? -1) == count)
                    }
                }
                for module in try listedObjects(["--by=module"]) {
                    try expectEqual(module, metrics, rows)
                }
                let offload = try listedObjects(["--by=offload"]).compactMap { $0["total"] as? Int }
                #expect(offload.count == 4 && offload.reduce(0, +) == rows.count)
            }
        }

        /// A row of `--by module` against the exposition and the rows.
        private func expectEqual(
            _ module: [String: Any], _ metrics: MetricsText, _ rows: [ListedRow]
        ) throws {
            let states = try #require(module["states"] as? [String: Int])
            let name = module["module"] as? String
            #expect(module["total"] as? Int == states.values.reduce(0, +))
            for (state, count) in states {
                let reason = module["reason"] as? String ?? ""
                let shown = name ?? (reason == "not_found" ? "-" : "(\(reason))")
                #expect(rows.count { $0.module == shown && $0.state == state } == count)
                let value =
                    if let name, let kind = module["kind"] as? String {
                        metrics.value(
                            "tcptable_module_connections",
                            ["module": name, "kind": kind, "state": state])
                    } else {
                        metrics.value(
                            "tcptable_unattributed_connections",
                            ["reason": reason, "state": state])
                    }
                #expect(value ?? 0 == Double(count))
            }
        }

        @Test func objectsAreTheRows() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.closeWait, .ipv6)
                defer { held.close() }
                let rows = try ListedRow.all()
                let objects = try listedObjects()
                let executable = try FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/exe")
                #expect(objects.count == 2 && rows.count == 2)
                for (row, object) in zip(rows, objects) {
                    let local = try #require(object["local"] as? [String: Any])
                    #expect(object["state"] as? String == row.state)
                    #expect("[\(local["address"] ?? "")]:\(local["port"] ?? "")" == row.cells[1])
                    #expect((object["pid"] as? Int).map(String.init) == row.processID)
                    #expect(object["pid"] as? Int32 == getpid())
                    #expect(object["path"] as? String == executable)
                    #expect(object["user_id"] as? UInt32 == geteuid())
                    let subject = try held.subject.map(inode(of:))
                    let peer = try held.peer.map(inode(of:))
                    #expect([subject, peer].contains(object["inode"] as? UInt64))
                }
            }
        }

        @Test func filtersChooseAmongTheRows() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.notAccepted, .ipv4)
                let other = try HeldSockets(.finWait2, .ipv6)
                defer { held.close() }
                defer { other.close() }
                let all = try ListedRow.all()
                #expect(all.count == 5)
                func count(_ arguments: String...) throws -> Int {
                    try ListedRow.all(arguments).count
                }
                #expect(try count("--state", "close_wait,fin_wait2") == 2)
                #expect(try count("--state=close_wait", "--state=fin_wait2") == 2)
                #expect(try count("--listening") == 1)
                #expect(try count("--family=ipv6") == 2)
                #expect(try count("--family=ipv6", "--listening") == 0)
                #expect(try count("--port=\(held.localPort)") == 3)
                #expect(try count("--port=\(held.localPort),\(other.localPort)") == 5)
                #expect(try count("--pid=\(getpid())") == 4)
                #expect(try count("--pid=1") == 0)
                #expect(try count("--module=\(all[0].module)") == 5)
                let kind = try #require(try listedObjects().first?["kind"] as? String)
                #expect(try count("--module=\(kind):\(all[0].module)", "--state=listen") == 1)
                #expect(try count("--module=(not_found)") == 0)
                #expect(try count("--offload=in_host") == 5)
                #expect(try count("--offload=offloaded,uploading") == 0)
            }
        }

        @Test func aNameFromOutsideMakesNoLineAndNoColumn() throws {
            try inNewNetworkNamespace {
                let directory = try TemporaryDirectory()
                let holder = try hostileHolder(in: directory.path)
                defer { holder.send(SIGKILL) }
                let rows = try ListedRow.all()
                #expect(rows.map(\.module) == [hostileNameShown])
                let object = try #require(try listedObjects().first)
                #expect(object["module"] as? String == "ev\u{1B}[31mil\n\u{202E}a\u{FFFD}  b")
                #expect(try ListedRow.all(["--module=\(hostileNameShown)"]).count == 1)
            }
        }
    }
}

/// How the name of ``hostileHolder(in:)`` is shown.
let hostileNameShown = #"ev\x1b[31mil\x0a\u{202e}a"# + "\u{FFFD}" + #" \x20b"#

/// A listener whose executable's name has a colour, a line end, a change of direction and a byte
/// that is no UTF-8.
func hostileHolder(in directory: String) throws -> ChildProcess {
    let name = #"'\#(directory)/'$'ev\x1b[31mil\n\xe2\x80\xaea\xff  b'"#
    let script = try "cp '\(testProgram("tcptable_holder"))' \(name) && exec \(name) listen"
    let holder = try ChildProcess("bash", ["-c", script])
    try holder.awaitOutput("ready\n")
    return holder
}
