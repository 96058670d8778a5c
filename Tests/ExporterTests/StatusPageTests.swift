import Exposition
import Foundation
import HostFakes
import MetricsServer
import SystemPackage
import TableFakes
import TestSupport
import Testing

@testable import Exporter
@testable import SockDiag
@testable import TCPModel

/// The page at `/`: what `/metrics` says, for a person.
struct StatusPageTests {
    private func page(_ stage: Stage) throws -> (response: HTTPResponse, html: String) {
        _ = try stage.scrape()
        let scrape = try #require(stage.lastScrape)
        let response = StatusPage.response(scrape, telemetryPath: "/metrics")
        return (response, String(decoding: response.body, as: UTF8.self))
    }

    /// The numbers of the row that begins with a name, in the table of a heading.
    private func row(_ name: String, _ heading: String, _ html: String) throws -> [Int] {
        let table = try #require(html.components(after: "<h2 id=\"\(heading)\">"))
        let row = try #require(table.components(after: "<th scope=\"row\">\(name)</th>"))
        let cells = row.prefix(while: { $0 != "\n" })
        return cells.matches(of: /<td class="n[^"]*">(\d+)<\/td>/).compactMap { Int($0.output.1) }
    }

    @Test func itHasTheNumbersOfTheMetrics() throws {
        let (response, html) = try page(try RichTable.stage(moduleLimit: 200))
        #expect(response.status == 200)
        #expect(response.contentType == "text/html; charset=utf-8")
        #expect(try row("established", "states", html) == [2, 3, 5])
        #expect(try row("closing", "states", html) == [1, 0, 1])
        #expect(try row("<bdi>ssh</bdi>", "modules", html)[0] == 1)
        #expect(try row("<bdi>nginx.service</bdi>", "modules", html)[0] == 7)
        #expect(try row("offloaded", "offload", html) == [0, 1])
        #expect(try row("not_found", "unattributed", html)[0] > 0)
        #expect(html.contains("<td>[::]:443</td><td class=\"n\">2</td><td class=\"n\">511</td>"))
        #expect(html.contains("<td>10.0.0.1%lo:2049</td><td class=\"n alarm\">65</td>"))
    }

    @Test func aNameIsAlwaysText() throws {
        let names = [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "&lt;", "</bdi></th>",
            "a\u{202E}b", "a\nb",
        ]
        let stage = try Stage()
        for (index, name) in names.enumerated() {
            try stage.host.add(
                Int32(10 + index), executable: nil, command: name, sockets: [UInt32(100 + index)])
        }
        stage.script.next.rows = names.indices.map {
            .row(.listen, port: UInt16(1000 + $0), inode: UInt32(100 + $0), queues: (0, 5))
        }
        let html = try page(stage).html
        for name in names {
            let escaped = name.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
            #expect(html.components(separatedBy: "<bdi>\(escaped)</bdi>").count == 3, "\(name)")
        }
        #expect(!html.contains("<script>") && !html.contains("<img"))
    }

    /// The policy forbids what stands in the page itself, so that nothing must.
    @Test func nothingIsInlineOrFromOtherHosts() throws {
        let (response, html) = try page(try RichTable.stage())
        let headers = Dictionary(uniqueKeysWithValues: response.headers.map { ($0.name, $0.value) })
        let policy = try #require(headers["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'; ") && !policy.contains("unsafe"))
        #expect(headers["Cache-Control"] == "no-store")
        #expect(!html.contains(#/ (style|on[a-z]+)=/#) && !html.contains("<style"))
        let links = html.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.output.1) }
        #expect(Set(links) == Set(PageAssets.paths + ["/metrics"]))
        #expect(!html.contains("http://") && !html.contains("https://"))
    }

    @Test func withoutTheTableItShowsTheReason() throws {
        let stage = try RichTable.stage()
        stage.script.next.error = .unavailable(.noSuchFileOrDirectory)
        let (response, html) = try page(stage)
        #expect(response.status == 503)
        #expect(html.contains("The TCP table cannot be read"))
        #expect(html.contains("inet_diag, tcp_diag"))
        #expect(!html.contains("<table>"))
    }

    @Test func disabledCollectorsAndHiddenStatesAreNotShown() throws {
        let stage = try RichTable.stage([.state])
        let html = try page(stage).html
        #expect(html.contains("id=\"states\""))
        for heading in ["modules", "unattributed", "listeners", "offload"] {
            #expect(!html.contains("id=\"\(heading)\""))
        }
    }

    @Test func otherNamespacesAreShownWithTheModule() throws {
        var samples = TextExposition()
        let labels = LabelSet([("module", "m"), ("kind", "process"), ("state", "listen")])
        samples.labeled(LabelSet([("netns", "blue")])) { samples in
            samples.write(Metric.moduleConnections) { $0.append(labels, value: 4) }
        }
        let scrape = Scrape(samples: samples, isTableRead: true, problems: [])
        let response = StatusPage.response(scrape, telemetryPath: "/metrics")
        let html = String(decoding: response.body, as: UTF8.self)
        #expect(html.contains("<bdi>m</bdi> <span class=\"dim\">in <bdi>blue</bdi></span>"))
    }
}

extension String {
    /// What follows the first occurrence of a text.
    fileprivate func components(after text: String) -> String? {
        let parts = components(separatedBy: text)
        return parts.count > 1 ? parts.dropFirst().joined(separator: text) : nil
    }
}
