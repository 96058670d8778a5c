import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct Once {
        @Test func oneSoundExpositionIsWritten() throws {
            let result = try run(exporter, ["--once"])
            #expect(result.status == .exited(0))
            let text = try MetricsText(Array(result.standardOutput.utf8))
            #expect(text.conservationBreaches == [])
            #expect(text.samples("tcptable_connections").count == 22)
            #expect(
                text.samples("tcptable_scrape_collector_success").map(\.value)
                    == Array(repeating: 1, count: 6))
        }

        @Test(.requires(.networkNamespaces)) func theTableIsThatOfItsNamespace() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.finWait2, .ipv6)
                defer { held.close() }
                let result = try run(exporter, ["--once"])
                let text = try MetricsText(Array(result.standardOutput.utf8))
                #expect(text.tableRows == held.rows)
            }
        }

        @Test(arguments: [
            ("state", "tcptable_connections"), ("module", "tcptable_module_connections"),
            ("offload", "tcptable_offload_connections"),
            ("queue", "tcptable_module_send_queue_bytes"),
            ("listener", "tcptable_listener_backlog_connections"),
            ("ephemeral-port", "tcptable_ephemeral_ports"),
        ])
        func aCollectorCanBeSwitchedOff(_ collector: String, _ family: String) throws {
            let result = try run(exporter, ["--once", "--no-collector.\(collector)"])
            let text = try MetricsText(Array(result.standardOutput.utf8))
            #expect(text[family] == nil)
            let others = text.samples("tcptable_scrape_collector_success").map { $0["collector"] }
            #expect(others.count == 5 && !others.contains(collector))
        }

        @Test(arguments: [
            ([], []), (["--collector.queue"], ["queue"]),
            (["--collector.module", "--collector.ephemeral-port"], ["ephemeral-port", "module"]),
            (["--collector.peer=db=192.0.2.0/24"], ["peer"]),
            (["--collector.state", "--no-collector.state"], []),
        ])
        func withoutDefaultsOnlyWhatIsNamedIsCollected(
            _ options: [String], _ collectors: [String]
        ) throws {
            let result = try run(exporter, ["--once", "--collector.disable-defaults"] + options)
            let text = try MetricsText(Array(result.standardOutput.utf8))
            let successes = text.samples("tcptable_scrape_collector_success")
            #expect(successes.map { $0["collector"] } == collectors)
        }

        /// node_exporter and `process_*` of its own would be duplicates.
        @Test func metricsOfTheExportersProcessAreLeftOut() throws {
            let result = try run(exporter, ["--once"])
            let names = try MetricsText(Array(result.standardOutput.utf8)).names
            #expect(names.contains("tcptable_exporter_build_info"))
            #expect(names.allSatisfy { $0.hasPrefix("tcptable_") })
            #expect(!names.contains { $0.hasPrefix("tcptable_http_") })
        }

        @Test(.requires(.tool("prometheus-node-exporter")), .requires(.curl))
        func nodeExportersTextfileCollectorTakesIt() throws {
            let directory = try TemporaryDirectory()
            let result = try run(exporter, ["--once"])
            try directory.write(result.standardOutput, to: "tcptable.prom")
            let node = try ChildProcess(
                "prometheus-node-exporter",
                [
                    "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults",
                    "--collector.textfile", "--collector.textfile.directory=\(directory.path)",
                ])
            defer { node.send(SIGKILL) }
            let url = "http://\(try awaitAddress(of: node))/metrics"
            let answer = try run("curl", ["-sSf", "--noproxy", "*", url])
            #expect(answer.status == .exited(0), "\(answer.standardError)")
            let lines = answer.standardOutput.split(separator: "\n")
            #expect(lines.contains("node_textfile_scrape_error 0"))
            for line in result.standardOutput.split(separator: "\n")
            where line.hasPrefix("tcptable_connections{") {
                #expect(lines.contains(line))
            }
        }

        private func awaitAddress(of server: ChildProcess) throws -> Substring {
            let deadline = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < deadline {
                let said = server.standardError.firstMatch(of: /address=(127\.0\.0\.1:[0-9]+)/)
                if let said { return said.output.1 }
                usleep(2_000)
            }
            throw Silence(what: "no address, but: \(server.standardError)")
        }

        /// The reader may close the pipe early.
        @Test(arguments: [
            ("", "exited 141"), ("trap '' PIPE;", "exited 1"),  // 128 + SIGPIPE
        ])
        func aClosedPipeEndsIt(_ trap: String, _ expected: String) throws {
            let script = """
                \(trap) exec 3> >(exec true); sleep 0.3
                '\(exporter)' --once --log.level=error >&3; echo exited $?
                """
            let result = try run("bash", ["-c", script], timeout: .seconds(20))
            #expect(result.standardOutput == expected + "\n")
        }

        @Test func theFirstLinesAreEnough() throws {
            let result = try run("bash", ["-c", "'\(exporter)' --once | head -1"])
            #expect(
                result.standardOutput
                    == "# HELP tcptable_connections TCP sockets by address family "
                    + "and TCP state.\n")
        }

        @Test func aFullDiskIsReported() throws {
            let result = try run("bash", ["-c", "'\(exporter)' --once > /dev/full"])
            #expect(result.status == .exited(1))
            #expect(result.standardError.contains("cannot write to standard output: "))
        }

        /// Without owners, no rows are kept.
        @Test(.requires(.networkNamespaces))
        func memoryDoesNotGrowWithTheTable() throws {
            let (small, large) = (try peakBytes(pairs: 500), try peakBytes(pairs: 10_000))
            #expect(large - small < 1 << 20)
        }

        private func peakBytes(pairs: Int) throws -> Int {
            try inNewNetworkNamespace {
                let load = try ChildProcess(testProgram("tcptable_testload"), ["\(pairs)"])
                try load.awaitOutput("ready \(2 * pairs)\n", within: .seconds(60))
                let result = try run(exporter, ["--once", "--no-collector.module"])
                let text = try MetricsText(Array(result.standardOutput.utf8))
                #expect(text.sum("tcptable_connections") == Double(2 * pairs))
                load.endInput()
                _ = try load.wait(within: .seconds(60))
                return result.peakResidentBytes
            }
        }
    }
}
