import Foundation
import TestSupport
import Testing

extension SlowCommandTests {
    /// Malicious and broken clients, in a network namespace. A
    /// well-behaved one is answered within a second all the while.
    @Suite(.slow, .requires(.curl), .requires(.ss), .requires(.networkNamespaces))
    struct Abuse {
        private static let port = "10793"

        /// The load keeps its connections until it is stopped. No address is that of the well-behaved client.
        @Test(arguments: [
            ("idle", 10_000, 100), ("drip", 500, 5), ("drip", 300, 0), ("drip-body", 500, 5),
            ("half", 200, 2), ("deaf", 512, 5), ("greedy", 100, 100),
        ])
        func idleClientsDoNotLockOutOthers(
            _ behaviour: String, _ connections: Int, _ addresses: Int
        ) throws {
            try inNewNetworkNamespace {
                let exporter = try start()
                let before = try Standing(of: exporter)
                let load = try start(behaviour, connections, addresses)
                try expectPromptAnswers(of: exporter)
                try load.awaitOutput("ready", within: .seconds(60))
                for _ in 0..<3 { try expectPromptAnswers(of: exporter) }
                let text = try exporter.get("/metrics").metrics()
                let open = try #require(text.value("tcptable_http_connections"))
                #expect(open <= 512)
                let closed = text.samples("tcptable_http_connections_closed_total").map(\.value)
                #expect(open + closed.reduce(0, +) > 50, "the load was not there")
                load.endInput()
                #expect(try load.wait(within: .seconds(20)).status == .exited(0))
                try expectReturn(of: exporter, to: before)
            }
        }

        /// The load ends when the exporter has closed all its connections.
        @Test(arguments: [
            ("pipeline", 20, 20_000), ("headers", 50, 0), ("chunks", 70, 0), ("endless", 50, 0),
            ("noise", 200, 0),
        ])
        func abusiveClientsAreClosed(
            _ behaviour: String, _ connections: Int, _ answers: Int
        ) throws {
            try inNewNetworkNamespace {
                let exporter = try start()
                let before = try Standing(of: exporter)
                let load = try start(behaviour, connections, 2)
                try expectPromptAnswers(of: exporter)
                let result = try load.wait(within: .seconds(60))
                #expect(result.standardOutput == "done \(answers)\n", "\(result.standardError)")
                try expectPromptAnswers(of: exporter)
                try expectReturn(of: exporter, to: before)
            }
        }

        private func start() throws -> RunningExporter {
            // A short idle timeout keeps the test short.
            let exporter = try RunningExporter(
                ["--web.idle-timeout=3"], listening: ["127.0.0.1:\(Self.port)"])
            // One-time allocations happen now.
            for _ in 0..<20 { _ = try exporter.get("/metrics") }
            return exporter
        }

        private func start(
            _ behaviour: String, _ connections: Int, _ addresses: Int
        ) throws -> ChildProcess {
            try ChildProcess(
                testProgram("tcptable_abuse"),
                [behaviour, Self.port, "\(connections)", "\(addresses)"])
        }

        /// The best of three, because the machine may be busy.
        private func expectPromptAnswers(
            of exporter: RunningExporter, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let url = "http://\(exporter.addresses[0])/metrics"
            let seconds = try (0..<3).map { _ -> Double in
                let result = try run(
                    "curl",
                    [
                        "-sS", "--noproxy", "*", "--max-time", "10", "-o", "/dev/null",
                        "-w", "%{http_code} %{time_total}", url,
                    ])
                let parts = result.standardOutput.split(separator: " ")
                guard parts.first == "200", let seconds = Double(parts[1]) else {
                    return .infinity
                }
                return seconds
            }
            #expect(seconds.min() ?? .infinity < 1, "\(seconds)", sourceLocation: sourceLocation)
        }

        /// Waits until descriptors, memory and connections are back at their initial values.
        private func expectReturn(of exporter: RunningExporter, to before: Standing) throws {
            let deadline = ContinuousClock.now + .seconds(30)
            var now = try Standing(of: exporter)
            while !now.isBack(to: before), ContinuousClock.now < deadline {
                usleep(200_000)
                now = try Standing(of: exporter)
            }
            #expect(now.isBack(to: before), "\(before) has become \(now)")
        }

        /// The resources of an exporter, from its metrics and from /proc.
        private struct Standing {
            let descriptorCount: Int
            let connectionCount: Double
            /// Anonymous memory, because pages of files come and go.
            let anonymousByteCount: Int
            let closeWaitCount: Double
            let closeWaitLines: String

            init(of exporter: RunningExporter) throws {
                let text = try exporter.get("/metrics").metrics()
                let path = "/proc/\(exporter.child.processID)/fd"
                descriptorCount = try FileManager.default.contentsOfDirectory(atPath: path).count
                connectionCount = text.value("tcptable_http_connections") ?? -1
                anonymousByteCount = try exporter.memory("RssAnon")
                closeWaitCount =
                    text.sums("tcptable_connections", by: "state")["close_wait"] ?? -1
                closeWaitLines = try run(
                    "ss", ["-Htan", "state", "close-wait", "sport", "=", ":\(port)"]
                ).standardOutput
            }

            /// The table of the kernel still holds thousands in TIME_WAIT, which a scrape reads but
            /// keeps nothing of.
            func isBack(to before: Standing) -> Bool {
                descriptorCount <= before.descriptorCount && connectionCount == 1
                    && abs(anonymousByteCount - before.anonymousByteCount) <= 5_000_000
                    && closeWaitCount == 0 && closeWaitLines == ""
            }
        }
    }
}
