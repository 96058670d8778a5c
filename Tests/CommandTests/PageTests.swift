import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// The page at `/`, in a real browser.
    @Suite(.requires(.networkNamespaces), .requires(.tool("chromium")), .requires(.curl))
    struct Page {
        /// The document after scripts have run for that time, and the browser's console messages.
        private func open(_ url: String, forMilliseconds time: Int = 500) throws -> (
            document: String, console: [String]
        ) {
            let profile = try TemporaryDirectory()
            let result = try run(
                "chromium",
                [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                    "--disable-dev-shm-usage", "--user-data-dir=\(profile.path)",
                    "--enable-logging=stderr", "--virtual-time-budget=\(time)", "--dump-dom", url,
                ], timeout: .seconds(120))
            #expect(result.status == .exited(0))
            let console = result.standardError.split(separator: "\n").map(String.init)
                .filter { $0.contains("CONSOLE") && !$0.contains("chrome://") }
            return (result.standardOutput, console)
        }

        /// The totals of the rows of a table, by what they begin with.
        private func totals(_ heading: String, _ document: String) throws -> [String: Int] {
            let parts = document.components(separatedBy: "<h2 id=\"\(heading)\">")
            let table = try #require(parts.last?.components(separatedBy: "</table>").first)
                .replacing("<wbr>", with: "")
            let rows = table.matches(
                of:
                    #/<th scope="row">(?:<bdi>)?([^<]*).*?<td class="n[^"]*">(?:<span.*?</span> )?([\d,]+)</#
            )
            return Dictionary(
                rows.map {
                    (String($0.output.1), Int($0.output.2.replacing(",", with: "")) ?? -1)
                }, uniquingKeysWith: +)
        }

        @Test func thePageHasTheValuesOfTheMetrics() throws {
            try inNewNetworkNamespace {
                let held = try [SocketScenario.closeWait, .listen, .established]
                    .map { try HeldSockets($0, .ipv4) }
                defer { for sockets in held { sockets.close() } }
                let exporter = try RunningExporter()
                let (document, console) = try open("http://\(exporter.addresses[0])/")
                #expect(console == [])
                let metrics = try exporter.get("/metrics").metrics()
                let states = try totals("states", document)
                #expect(states.count == 11)
                // The connections of the browser and curl come and go.
                for state in ["close_wait", "listen", "fin_wait2", "syn_recv"] {
                    let labels = ["family": "ipv4", "state": state]
                    let count = metrics.value("tcptable_connections", labels) ?? -1
                    #expect(states[state] == Int(count), "\(state)")
                }
                let modules = try totals("modules", document)
                #expect(modules["tcptable_exporter"] != nil)
                let text = document.replacing("<wbr>", with: "")
                #expect(text.contains("<bdi>\(exporter.addresses[0])</bdi></span></th>"))
            }
        }

        /// The console would report a foreign stylesheet or an inline script or style.
        @Test func itRefreshesInPlaceWithoutAnError() throws {
            try inNewNetworkNamespace {
                let exporter = try RunningExporter()
                let (document, console) = try open(
                    "http://\(exporter.addresses[0])/", forMilliseconds: 7000)
                #expect(console == [])
                #expect(document.contains(">· refreshed every 5 s</span>"))
                #expect(document.components(separatedBy: "<main>").count == 2)
                #expect(try totals("states", document).count == 11)
            }
        }

        @Test func aHostileNameIsTextInTheBrowser() throws {
            try inNewNetworkNamespace {
                let directory = try TemporaryDirectory()
                let name = "a<img src=x onerror=document.title='taken'>"
                let program = "\(directory.path)/\(name)"
                try copyExecutable(testProgram("tcptable_holder"), to: program)
                let holder = try ChildProcess(program, ["listen"])
                defer { holder.send(SIGKILL) }
                let exporter = try RunningExporter()
                var page = try open("http://\(exporter.addresses[0])/")
                while !page.document.contains("onerror") {
                    page = try open("http://\(exporter.addresses[0])/")
                }
                #expect(page.console == [])
                let text = page.document.replacing("<wbr>", with: "")
                #expect(text.contains("<bdi>a&lt;img src=x onerror=document.title='taken'&gt;"))
                #expect(!page.document.contains("<title>taken"))
                #expect(!page.document.contains("<img"))
            }
        }

        @Test func theFilesOfThePageHaveTheirTypes() throws {
            let exporter = try RunningExporter()
            for (path, type) in [
                ("/-/page.css", "text/css; charset=utf-8"),
                ("/-/page.js", "text/javascript; charset=utf-8"), ("/-/icon.svg", "image/svg+xml"),
            ] {
                let answer = try exporter.get(path)
                #expect(answer.status == "200" && answer.contentType == type, "\(path)")
            }
            let refused = try run(
                builtCommand("tcptable_exporter"), ["--web.telemetry-path=/-/page.js"])
            #expect(refused.status == .exited(64))
        }
    }
}
