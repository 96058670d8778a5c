import Foundation
import TestSupport
import Testing

extension SlowCommandTests {
    /// A separate Prometheus in a network namespace, so that all ports are free.
    @Suite(.slow, .requires(.prometheus), .requires(.curl), .requires(.networkNamespaces))
    struct Prometheus {
        @Test func prometheusStoresWhatIsScraped() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.finWait2, .ipv4)
                defer { held.close() }
                let exporter = try RunningExporter()
                let prometheus = try RunningPrometheus(scraping: exporter.addresses[0])
                #expect(try prometheus.value(of: "up") == "1")
                let query = "tcptable_connections{family=\"ipv4\",state=\"fin_wait2\"}"
                #expect(try prometheus.value(of: query) == "1")
                let law =
                    "sum(tcptable_connections) - sum(tcptable_module_connections) "
                    + "- sum(tcptable_unattributed_connections)"
                #expect(try prometheus.value(of: law) == "0")
                _ = try prometheus.end()
                #expect(try exporter.end().status == .exited(0))
            }
        }

        /// Prometheus can know units from OpenMetrics only.
        @Test func prometheusTakesOpenMetrics() throws {
            try inNewNetworkNamespace {
                let exporter = try RunningExporter()
                let prometheus = try RunningPrometheus(scraping: exporter.addresses[0])
                #expect(try prometheus.value(of: "up") == "1")
                #expect(try prometheus.unit(of: "process_cpu_seconds") == "seconds")
                #expect(try prometheus.unit(of: "process_resident_memory_bytes") == "bytes")
                #expect(try prometheus.unit(of: "tcptable_connections") == "")
                #expect(try prometheus.unit(of: "process_cpu_seconds_total") == nil)
                #expect(try prometheus.value(of: "process_cpu_seconds_total >= bool 0") == "1")
            }
        }

        /// This Prometheus always requests OpenMetrics. A proxy requests text instead.
        @Test(.requires(.tool("python3"))) func prometheusTakesText() throws {
            try inNewNetworkNamespace {
                let exporter = try RunningExporter()
                let proxy = try ChildProcess(
                    "python3", ["-u", "-c", Self.textProxy, exporter.addresses[0]])
                try proxy.awaitOutput("ready")
                let prometheus = try RunningPrometheus(scraping: "127.0.0.1:39091")
                #expect(try prometheus.value(of: "up") == "1")
                #expect(try prometheus.unit(of: "process_cpu_seconds_total") == "")
                #expect(try prometheus.unit(of: "process_cpu_seconds") == nil)
                #expect(try prometheus.value(of: "process_cpu_seconds_total >= bool 0") == "1")
            }
        }

        @Test func prometheusLogsIn() throws {
            try inNewNetworkNamespace {
                let web = try WebConfigurationFile()
                try web.write(WebConfigurationFile.users)
                let exporter = try RunningExporter(["--web.config.file=\(web.path)"])
                let prometheus = try RunningPrometheus(
                    scraping: exporter.addresses[0],
                    "basic_auth: { username: zoë, password: \"with:colons\" }")
                #expect(try prometheus.value(of: "up") == "1")
                let reload = "tcptable_web_config_last_reload_successful"
                #expect(try prometheus.value(of: reload) == "1")
            }
        }

        @Test(.requires(.tool("openssl"))) func prometheusLogsInOverTLSWithACertificate() throws {
            let certificates = try Certificates.make()
            let file = try certificates.configure([
                "client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem",
            ])
            let section = try String(contentsOfFile: file, encoding: .utf8)
            try Data((section + WebConfigurationFile.users).utf8).write(to: URL(filePath: file))
            try inNewNetworkNamespace {
                let exporter = try RunningExporter(["--web.config.file=\(file)"])
                let path = certificates.path
                let prometheus = try RunningPrometheus(
                    scraping: exporter.addresses[0],
                    """
                    scheme: https
                    tls_config:
                      ca_file: \(path)/ca.pem
                      cert_file: \(path)/good.pem
                      key_file: \(path)/good.key
                    basic_auth: { username: zoë, password: "with:colons" }
                    """)
                #expect(try prometheus.value(of: "up") == "1")
                let law =
                    "sum(tcptable_connections) - sum(tcptable_module_connections) "
                    + "- sum(tcptable_unattributed_connections)"
                #expect(try prometheus.value(of: law) == "0")
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
    }
}
