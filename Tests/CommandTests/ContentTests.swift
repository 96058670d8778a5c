import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// Content negotiation and collector selection, with curl.
    @Suite(.requires(.curl))
    struct Content {
        private static let openMetrics = [
            "-H", "Accept: application/openmetrics-text;version=1.0.0",
        ]

        @Test func openMetricsIsServedOnRequest() throws {
            let answer = try RunningExporter().get("/metrics", Self.openMetrics)
            #expect(answer.status == "200")
            #expect(
                answer.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(answer.body.hasSuffix("\n# EOF\n"))
        }

        @Test(arguments: [[], openMetrics])
        func gzipHoldsTheSameFamiliesInFewerBytes(_ options: [String]) throws {
            let exporter = try RunningExporter()
            let plain = try exporter.get("/metrics", options)
            let compressed = try exporter.get("/metrics", options + ["--compressed"])
            #expect(compressed.byteCount < plain.byteCount / 2)
            #expect(compressed.contentType == plain.contentType)
            let families = [plain, compressed].map { answer in
                answer.body.utf8.split(separator: UInt8(ascii: "\n")).map { String($0) ?? "" }
                    .filter { $0.hasPrefix("# ") }
            }
            #expect(families[0] == families[1])
            #expect(families[0].count > 40)
        }

        /// Two scrapes differ in times, so their lengths do too. Only headers are compared.
        @Test(arguments: [[], openMetrics, ["-H", "Accept-Encoding: gzip"]])
        func headGetsTheHeadersOfGet(_ options: [String]) throws {
            let exporter = try RunningExporter()
            for path in ["/metrics", "/-/healthy", "/-/ready", "/"] {
                let head = try exporter.headers(path, options + ["--head"])
                let get = try exporter.headers(path, options + ["-D", "-", "-o", "/dev/null"])
                let (headLength, getLength) = (head["content-length"], get["content-length"])
                let isScrape = path == "/metrics" || path == "/"
                #expect(isScrape || headLength == getLength)
                #expect(Int(headLength ?? "") ?? 0 > 0)
                let withoutLength = [head, get].map { $0.filter { $0.key != "content-length" } }
                #expect(withoutLength[0] == withoutLength[1])
                let vary = path == "/metrics" ? "Accept, Accept-Encoding" : nil
                #expect(head["vary"] == vary)
                let isGzip = path == "/metrics" && options.last?.hasSuffix("gzip") == true
                #expect(head["content-encoding"] == (isGzip ? "gzip" : nil))
            }
        }

        @Test func collectorsCanBeSelectedAndExcluded() throws {
            let exporter = try RunningExporter(["--no-collector.queue"])
            let some = try exporter.get("/metrics?collect[]=state&collect%5B%5D=listener", ["-g"])
            let names = try some.metrics().samples("tcptable_scrape_collector_success")
                .map { $0["collector"] }
            #expect(names == ["listener", "state"])
            #expect(try some.metrics()["tcptable_connections"] != nil)
            #expect(try some.metrics()["tcptable_module_connections"] == nil)
            let others = try exporter.get("/metrics?exclude[]=state", ["-g"]).metrics()
            #expect(others["tcptable_connections"] == nil)
            #expect(others["tcptable_module_connections"] != nil)
        }

        @Test(arguments: [
            ("collect[]=state&exclude[]=module", "cannot be used together"),
            ("collect[]=cpu", "'cpu' (available: ephemeral-port, listener, module, offload"),
            ("collect[]=queue", "disabled collector: queue"),
            ("exclude[]=%0d%0aX-Forged:%201%01%ff", "'??X-Forged: 1"),
        ])
        func anInvalidSelectionIs400(_ query: String, _ text: String) throws {
            let exporter = try RunningExporter(["--no-collector.queue"])
            let answer = try exporter.get("/metrics?\(query)", ["-g"])
            #expect(answer.status == "400")
            #expect(answer.contentType == "text/plain; charset=utf-8")
            #expect(answer.body.contains(text), "\(answer.body)")
        }

        @Test(arguments: [
            ["Accept: ;;\"", "Accept-Encoding: ;q=;;,,"],
            ["Accept: " + String(repeating: "text/plain;q=0.1,", count: 1_000)],
            ["Accept: \(String(repeating: "\"", count: 999))"], ["Accept;", "Accept-Encoding;"],
            ["Accept: application/vnd.google.protobuf", "Accept-Encoding: br"],
        ])
        func whateverIsAcceptedTheAnswerIsOneOfTheTwo(_ headers: [String]) throws {
            let answer = try RunningExporter().get("/metrics", headers.flatMap { ["-H", $0] })
            #expect(answer.status == "200")
            #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try answer.metrics().conservationBreaches == [])
        }

        @Test(arguments: ["Accept: \u{1}", "Accept: a\u{7F}b", "X: \u{1}"])
        func aHeaderWithControlCharactersIsRefused(_ header: String) throws {
            #expect(try RunningExporter().get("/metrics", ["-H", header]).status == "400")
        }

        @Test func healthIsReported() throws {
            let exporter = try RunningExporter()
            for (path, body) in [("/-/healthy", "healthy\n"), ("/-/ready", "ready\n")] {
                let answer = try exporter.get(path)
                #expect(answer.status == "200" && answer.body == body)
                #expect(answer.contentType == "text/plain; charset=utf-8")
                #expect(try exporter.get(path, ["-X", "POST"]).status == "405")
            }
        }
    }
}

extension RunningExporter {
    /// The headers of a response by lower-case name, without the date.
    fileprivate func headers(_ path: String, _ options: [String]) throws -> [String: String] {
        let lines = try get(path, options).body.components(separatedBy: "\r\n")
        let pairs = lines.compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return Dictionary(uniqueKeysWithValues: pairs).filter { $0.key != "date" }
    }
}
