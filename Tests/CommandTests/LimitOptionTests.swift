import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// The flags of the server's limits. MetricsServerTests test the limits themselves.
    struct LimitOptions {
        private static let flags = [
            ("--web.max-connections", "tcptable_http_connections_limit"),
            ("--web.max-connections-per-client", "tcptable_http_client_connections_limit"),
            ("--web.idle-timeout", "tcptable_http_idle_timeout_seconds"),
            ("--web.request-timeout", "tcptable_http_request_timeout_seconds"),
            ("--web.max-header-bytes", "tcptable_http_header_limit_bytes"),
            ("--web.max-requests", "tcptable_http_requests_in_flight_limit"),
        ]

        @Test func helpListsEachOptionWithItsDefault() throws {
            let help = try run(exporter, ["--help"]).standardOutput
                .split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let options = help.components(separatedBy: " --")
            for (flag, standard) in zip(Self.flags.map(\.0), [512, 128, 30, 60, 32768, 40]) {
                let option = options.first { "--\($0)".hasPrefix("\(flag) <") } ?? ""
                #expect(option.contains("(default: \(standard))"), "\(flag): \(option)")
            }
        }

        @Test(arguments: [
            "--web.max-connections=0", "--web.max-connections=100001",
            "--web.max-connections-per-client=-1", "--web.idle-timeout=-1",
            "--web.idle-timeout=86401", "--web.request-timeout=-1", "--web.request-timeout=soon",
            "--web.max-header-bytes=4095", "--web.max-header-bytes=9223372036854775808",
        ])
        func anInvalidOptionIsAnError(_ argument: String) throws {
            let result = try run(exporter, [argument])
            #expect(result.status == .exited(64))
            let name = argument.prefix { $0 != "=" }
            #expect(result.standardError.contains(name), "\(result.standardError)")
        }

        @Test(.requires(.curl)) func eachIsInTheMetrics() throws {
            let values = [7, 3, 11, 13, 5000, 17]
            let arguments = zip(Self.flags, values).map { "\($0.0)=\($1)" }
            let exporter = try RunningExporter(arguments)
            let text = try exporter.get("/metrics").metrics()
            for ((_, family), value) in zip(Self.flags, values) {
                #expect(text.value(family) == Double(value), "\(family)")
            }
        }

        @Test(.requires(.curl)) func theServersMetricsCanBeDisabled() throws {
            let exporter = try RunningExporter(["--web.disable-exporter-metrics"])
            let names = try exporter.get("/metrics").metrics().names
            #expect(!names.contains { $0.hasPrefix("tcptable_http_") || $0.hasPrefix("process_") })
        }

        /// The requests of browsers and Prometheus fit into the minimum.
        @Test(.requires(.curl), arguments: ["/", "/metrics", "/-/healthy"])
        func ordinaryRequestsFitIntoTheSmallestHeaders(_ path: String) throws {
            let exporter = try RunningExporter(["--web.max-header-bytes=4096"])
            let headers = [
                "User-Agent: \(String(repeating: "Mozilla/5.0 ", count: 12))",
                "Accept: \(String(repeating: "application/openmetrics-text;q=0.5,", count: 8))",
                "Accept-Encoding: gzip, deflate, br", "X-Prometheus-Scrape-Timeout-Seconds: 10",
            ]
            let ordinary = try exporter.get(path, headers.flatMap { ["-H", $0] })
            #expect(ordinary.status == "200")
            let long = String(repeating: "x", count: 5000)
            #expect(try exporter.get(path, ["-H", "X-Long: \(long)"]).status == "431")
            #expect(try exporter.get("/\(long)").status == "414")
        }

        @Test func moreConnectionsThanDescriptorsIsReported() throws {
            let result = try run(
                "bash",
                ["-c", "ulimit -n 1000 && exec '\(exporter)' --web.max-connections=900"])
            #expect(result.status == .exited(1))
            #expect(
                result.standardError.contains("--web.max-connections needs 1284 file descriptors"),
                "\(result.standardError)")
        }

        @Test(.requires(.curl)) func theSoftLimitOfDescriptorsIsRaised() throws {
            let script = """
                ulimit -S -n 300 && exec '\(exporter)' --web.listen-address=127.0.0.1:0 \
                --web.max-connections=600
                """
            let child = try ChildProcess("bash", ["-c", script])
            let path = "/proc/\(child.processID)/limits"
            let expected = /Max open files +984\s/
            let deadline = ContinuousClock.now + .seconds(20)
            while try String(contentsOfFile: path, encoding: .utf8).firstMatch(of: expected) == nil
            {
                try #require(ContinuousClock.now < deadline, "\(child.standardError)")
                usleep(2_000)
            }
            child.send(SIGTERM)
            #expect(try child.wait(within: .seconds(20)).status == .exited(0))
        }
    }
}
