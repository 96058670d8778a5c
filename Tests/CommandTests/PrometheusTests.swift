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

        /// What Prometheus knows of units it can know from OpenMetrics only.
        @Test func prometheusTakesOpenMetrics() throws {
            try inNewNetworkNamespace {
                let exporter = try RunningExporter()
                let directory = try TemporaryDirectory()
                let prometheus = try start(scraping: exporter.addresses[0], in: directory.path)
                #expect(try value(of: "up", prometheus) == "1")
                #expect(try unit(of: "process_cpu_seconds") == "seconds")
                #expect(try unit(of: "process_resident_memory_bytes") == "bytes")
                #expect(try unit(of: "tcptable_connections") == "")
                #expect(try unit(of: "process_cpu_seconds_total") == nil)
                #expect(try value(of: "process_cpu_seconds_total >= bool 0", prometheus) == "1")
            }
        }

        /// This Prometheus asks for OpenMetrics always, so something between them asks for text.
        @Test(.requires(.tool("python3"))) func prometheusTakesText() throws {
            try inNewNetworkNamespace {
                let exporter = try RunningExporter()
                let proxy = try ChildProcess(
                    "python3", ["-u", "-c", Self.textProxy, exporter.addresses[0]])
                try proxy.awaitOutput("ready")
                let directory = try TemporaryDirectory()
                let prometheus = try start(scraping: "127.0.0.1:39091", in: directory.path)
                #expect(try value(of: "up", prometheus) == "1")
                #expect(try unit(of: "process_cpu_seconds_total") == "")
                #expect(try unit(of: "process_cpu_seconds") == nil)
                #expect(try value(of: "process_cpu_seconds_total >= bool 0", prometheus) == "1")
            }
        }

        @Test func prometheusLogsIn() throws {
            try inNewNetworkNamespace {
                let web = try WebConfigurationFile()
                try web.write(WebConfigurationFile.users)
                let exporter = try RunningExporter(["--web.config.file=\(web.path)"])
                let directory = try TemporaryDirectory()
                let prometheus = try start(
                    scraping: exporter.addresses[0], in: directory.path,
                    "basic_auth: { username: zoë, password: \"with:colons\" }")
                #expect(try value(of: "up", prometheus) == "1")
                let reload = "tcptable_web_config_last_reload_successful"
                #expect(try value(of: reload, prometheus) == "1")
            }
        }

        private static let textProxy = """
            import http.server, sys, urllib.request
            class Proxy(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    request = urllib.request.Request(
                        f"http://{sys.argv[1]}{self.path}",
                        headers={"Accept": "text/plain;version=0.0.4", "Accept-Encoding": "gzip"})
                    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                    with opener.open(request) as answer:
                        self.send_response(answer.status)
                        for name in ("Content-Type", "Content-Encoding", "Content-Length"):
                            self.send_header(name, answer.headers[name])
                        self.end_headers()
                        self.wfile.write(answer.read())
            server = http.server.HTTPServer(("127.0.0.1", 39091), Proxy)
            print("ready")
            server.serve_forever()
            """

        private func start(
            scraping target: String, in directory: String, _ option: String = ""
        ) throws -> ChildProcess {
            let configuration = """
                global: { scrape_interval: 1s, scrape_timeout: 1s }
                scrape_configs:
                  - job_name: test
                    \(option)
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
            let data = try ask("query", ["query=\(query)"]) as? [String: Any]
            let series = data?["result"] as? [[String: Any]]
            return (series?.first?["value"] as? [Any])?.last as? String
        }

        /// The unit that Prometheus knows of a family; nil where it does not know the family.
        private func unit(of family: String) throws -> String? {
            let data = try ask("targets/metadata", ["metric=\(family)"])
            return (data as? [[String: Any]])?.first?["unit"] as? String
        }

        /// The data of an answer of Prometheus' API.
        private func ask(_ path: String, _ parameters: [String]) throws -> Any? {
            let result = try run(
                "curl",
                ["-sS", "--noproxy", "*", "--get", "http://127.0.0.1:39090/api/v1/\(path)"]
                    + parameters.flatMap { ["--data-urlencode", $0] })
            let object = try? JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
            return (object as? [String: Any])?["data"]
        }
    }
}
