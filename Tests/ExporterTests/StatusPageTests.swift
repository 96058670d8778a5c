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
        let html = String(decoding: response.body, as: UTF8.self)
        return (response, html.replacing("<wbr>", with: ""))
    }

    /// The numbers of the row that begins with a name, in the table of a heading.
    private func row(_ name: String, _ heading: String, _ html: String) throws -> [Int] {
        let table = try #require(html.components(after: "<h2 id=\"\(heading)\">"))
        let row = try #require(table.components(after: "<th scope=\"row\">\(name)"))
        let cells = row.prefix(while: { $0 != "\n" })
        return cells.matches(of: /<td class="n[^"]*">([\d,]+)<\/td>/).compactMap {
            Int($0.output.1.replacing(",", with: ""))
        }
    }

    @Test func itHasTheNumbersOfTheMetrics() throws {
        let (response, html) = try page(try RichTable.stage(moduleLimit: 200))
        #expect(response.status == 200)
        #expect(response.contentType == "text/html; charset=utf-8")
        #expect(try row("established", "states", html) == [5, 2, 3])
        #expect(try row("closing", "states", html) == [1, 1, 0])
        #expect(try row("<bdi>ssh</bdi>", "modules", html)[0] == 1)
        #expect(try row("<bdi>nginx.service</bdi>", "modules", html)[0] == 7)
        #expect(try row("offloaded", "offload", html) == [0, 1])
        #expect(try row("not_found", "unattributed", html)[0] > 0)
        #expect(html.contains("<bdi>[::]:443</bdi></span></th><td class=\"n\">2 of 511</td>"))
        let full =
            "<td class=\"n critical\"><span class=\"mark\" role=\"img\" aria-label=\"Critical\">"
        #expect(html.contains("<bdi>10.0.0.1%lo:2049</bdi></span></th>" + full))
        #expect(html.contains("</span> 65 of 64<span class=\"minor\">, full</span></td>"))
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

    @Test func aNameCanBreakBehindItsSeparators() {
        var html = HTMLText()
        html.name("docker-shop/api@2.service--x.")
        #expect(
            String(decoding: html.bytes, as: UTF8.self)
                == "<bdi>docker-<wbr>shop/<wbr>api@<wbr>2.<wbr>service--<wbr>x.</bdi>")
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
        #expect(Set(links) == ["-/page.css", "-/page.js", "-/icon.svg", "metrics"])
        #expect(!html.contains("http://") && !html.contains("https://"))
    }

    @Test func withoutTheTableItShowsTheReason() throws {
        let stage = try RichTable.stage()
        stage.script.next.error = .unavailable(.noSuchFileOrDirectory)
        let (response, html) = try page(stage)
        #expect(response.status == 503)
        #expect(html.contains("<p class=\"verdict\">Cannot read the TCP table</p>"))
        #expect(html.contains("inet_diag, tcp_diag"))
        #expect(!html.contains("<table>"))
    }

    @Test func disabledCollectorsAndHiddenStatesAreNotShown() throws {
        let stage = try RichTable.stage([.state])
        let html = try page(stage).html
        #expect(html.contains("id=\"states\""))
        for heading in ["modules", "unattributed", "listeners", "offload", "ports", "peers"] {
            #expect(!html.contains("id=\"\(heading)\""))
        }
    }

    @Test func withoutSocketsItSaysSo() throws {
        let html = try page(Stage()).html
        #expect(html.contains("<p class=\"verdict\">No problems found</p>"))
        #expect(html.contains("No program has a TCP socket."))
        #expect(html.contains("No program listens on a TCP port."))
        for heading in ["unattributed", "offload"] {
            #expect(!html.contains("id=\"\(heading)\""), "\(heading)")
        }
    }

    @Test func whatCannotBeSeenQualifiesTheVerdict() throws {
        let scrape = Scrape(
            samples: TextExposition(), isTableRead: true, problems: ["a right is missing"])
        let response = StatusPage.response(scrape, telemetryPath: "/metrics")
        let html = String(decoding: response.body, as: UTF8.self)
        #expect(html.contains("<p class=\"verdict\">No problems found in what was read</p>"))
        #expect(html.contains("<li>A right is missing.</li>"))
    }

    @Test func collectorsThatFailedOrAreOffQualifyTheVerdict() throws {
        let stage = try Stage([.state, .module, .ephemeralPort])
        try stage.host.set(ephemeralPorts: nil)
        let html = try page(stage).html
        #expect(html.contains("<p class=\"verdict\">No problems found in what was read</p>"))
        #expect(html.contains("<li>Failed collectors: ephemeral-port.</li>"))
        #expect(
            html.contains("<li>Collectors that are off, and find no problems: listener.</li>"))
    }

    /// Any local user can make more.
    @Test func tablesAreBounded() throws {
        let stage = try Stage(moduleLimit: 2000) { $0.listenerLimit = 5000 }
        for index in 0..<400 {
            try stage.host.add(
                Int32(10 + index), executable: "/bin/p\(index)", sockets: [UInt32(1000 + index)])
        }
        let ports = (0..<2000).map { UInt16(10_000 + $0) }
        stage.script.next.rows =
            (0..<400).map { .row(inode: UInt32(1000 + $0)) }
            + ports.map { .row(.listen, port: $0, queues: (20, 16)) }
        let html = try page(stage).html
        #expect(html.contains("300 more programs have 300 sockets. List all: tcptable --by module"))
        #expect(html.contains("1,900 more listeners not shown. List all: tcptable --listening"))
        #expect(html.contains("1,980 more are not shown here."))
        #expect(html.utf8.count < 300_000, "\(html.utf8.count)")
    }

    @Test func idleListenersAreFolded() throws {
        let html = try page(
            {
                let stage = try Stage()
                stage.script.next.rows = [
                    .row(.listen, port: 1, queues: (0, 5)), .row(.listen, port: 2, queues: (1, 5)),
                ]
                return stage
            }()
        ).html
        let parts = html.components(separatedBy: "<details id=\"idle\"><summary>1 idle listener")
        #expect(parts.count == 2)
        #expect(
            parts[0].contains("<bdi>127.0.0.1:2</bdi>") && parts[1].contains("127.0.0.1:1</bdi>"))
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
        #expect(html.contains("<bdi>m</bdi> <span class=\"kind\">in <bdi>blue</bdi></span>"))
    }
}

extension String {
    /// What follows the first occurrence of a text.
    fileprivate func components(after text: String) -> String? {
        let parts = components(separatedBy: text)
        return parts.count > 1 ? parts.dropFirst().joined(separator: text) : nil
    }
}
