import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// A Prometheus of its own, in a namespace of its own, so that no port is taken.
    @Suite(.requires(.prometheus), .requires(.curl), .requires(.networkNamespaces))
    struct Prometheus {
        @Test func prometheusStoresWhatIsScraped() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.finWait2, .ipv4)
                defer { held.close() }
                let exporter = try RunningExporter()
                let directory = try TemporaryDirectory()
                let prometheus = try start(scraping: exporter.addresses[0], in: directory.path)
                #expect(try value(of: "up", prometheus) == "1")
                let query = "tcptable_connections{family=\"ipv4\",state=\"fin_wait2\"}"
                #expect(try value(of: query, prometheus) == "1")
                let law =
                    "sum(tcptable_connections) - sum(tcptable_module_connections) "
                    + "- sum(tcptable_unattributed_connections)"
                #expect(try value(of: law, prometheus) == "0")
                prometheus.send(SIGTERM)
                _ = try prometheus.wait(within: .seconds(30))
                #expect(try exporter.end().status == .exited(0))
            }
        }

        private func start(scraping target: String, in directory: String) throws -> ChildProcess {
            let configuration = """
                global: { scrape_interval: 1s, scrape_timeout: 1s }
                scrape_configs:
                  - job_name: test
                    static_configs: [{ targets: ["\(target)"] }]
                """
            try configuration.write(
                toFile: directory + "/prometheus.yml", atomically: true, encoding: .utf8)
            return try ChildProcess(
                "prometheus",
                [
                    "--config.file=\(directory)/prometheus.yml",
                    "--storage.tsdb.path=\(directory)/data",
                    "--web.listen-address=127.0.0.1:39090",
                ])
        }

        /// The value of the one series that a query has, waited for.
        private func value(of query: String, _ prometheus: ChildProcess) throws -> String {
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline {
                if let value = try ask(query), value != "0" || !query.hasPrefix("up") {
                    return value
                }
                usleep(100_000)
            }
            throw Silence(what: "no answer to \(query): \(prometheus.standardError)")
        }

        private func ask(_ query: String) throws -> String? {
            let result = try run(
                "curl",
                [
                    "-sS", "--noproxy", "*", "--get", "--data-urlencode", "query=\(query)",
                    "http://127.0.0.1:39090/api/v1/query",
                ])
            let object = try? JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
            let data = (object as? [String: Any])?["data"] as? [String: Any]
            let series = data?["result"] as? [[String: Any]]
            return (series?.first?["value"] as? [Any])?.last as? String
        }
    }
}
