import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `--web.route-prefix`, as in Prometheus.
    @Suite(.requires(.curl))
    struct RoutePrefix {
        private static let paths = [
            "/metrics", "/", "/-/healthy", "/-/ready", "/-/page.css", "/-/page.js", "/-/icon.svg",
        ]

        @Test(arguments: ["/tcp", "tcp", "/tcp/", "//tcp//", "/a/b.c"])
        func everyPathIsBelowIt(_ prefix: String) throws {
            let exporter = try RunningExporter(["--web.route-prefix=\(prefix)"])
            let normal = "/" + prefix.split(separator: "/").joined(separator: "/")
            for path in Self.paths {
                #expect(try exporter.get(normal + path).status == "200", "\(path)")
                guard path != "/" else { continue }
                #expect(try exporter.get(path).status == "404", "\(path)")
            }
            #expect(try exporter.get(normal + "/metrics/").status == "404")
        }

        /// The location is relative, so that another prefix, which a proxy removes, stays.
        @Test(arguments: [("/", "a/b/"), ("/a/b", "b/")])
        func whatIsAboveItRedirectsToThePage(_ path: String, _ location: String) throws {
            let exporter = try RunningExporter(["--web.route-prefix=/a/b"])
            let answer = try exporter.get(path, ["-i"])
            #expect(answer.status == "302")
            #expect(answer.body.contains("\nLocation: \(location)\r\n"))
            let page = try exporter.get(path, ["-L"])
            #expect(page.status == "200" && page.contentType == "text/html; charset=utf-8")
        }

        @Test(arguments: ["/", "///"]) func aSlashIsNoPrefix(_ prefix: String) throws {
            let exporter = try RunningExporter(["--web.route-prefix=\(prefix)"])
            for path in Self.paths { #expect(try exporter.get(path).status == "200", "\(path)") }
        }

        @Test func theMetricsCanBeThePrefixItself() throws {
            let exporter = try RunningExporter(
                ["--web.route-prefix=/tcp", "--web.telemetry-path=/"])
            #expect(try exporter.get("/tcp", ["-L"]).metrics()["tcptable_connections"] != nil)
        }
    }
}
