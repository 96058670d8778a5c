import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// What people see of the page: of a host with three problems, and behind a proxy.
    @Suite(
        .requires(.networkNamespaces), .requires(.tool("chromium")), .requires(.tool("gcc")),
        .requires(.tool("ip")), .requires(.tool("python3")))
    struct PageScene {
        /// The page in a window, as `Tests/Screenshots/page --report` prints it.
        private struct View: Decodable {
            let width: Int
            let scheme: String
            /// What can be read without scrolling in a window that is 600 pixels high.
            let text: String
            /// Words that are broken.
            let broken: [String]
            /// Sections with columns that are out of view.
            let hidden: [String]
            let isScrolled: Bool
            /// What the browser reported.
            let complaints: [String]
            /// What was loaded, with its status.
            let responses: [String: Int]
        }

        private func report(_ options: [String] = []) throws -> [View] {
            let script = URL(filePath: #filePath).appending(path: "../../Screenshots/page")
                .standardized.path
            let environment = ProcessInfo.processInfo.environment.merging([
                "PRODUCTS": productsDirectory
            ]) { $1 }
            let result = try run(
                script, ["--report"] + options, environment: environment, timeout: .seconds(300))
            try #require(result.status == .exited(0), "\(result.standardError)")
            return try JSONDecoder().decode([View].self, from: Data(result.standardOutput.utf8))
        }

        @Test func aFullQueueALeakAndUnansweredAttemptsComeFirst() throws {
            let views = try report()
            #expect(views.map(\.width) == [1280, 1280, 390, 390])
            #expect(views.map(\.scheme) == ["light", "dark", "light", "dark"])
            for view in views {
                let text = view.text.replacing("- ", with: "-")
                for words in [
                    "3 problems", "Accept queue full checkout · port 8081 · PID ",
                    "129 connections wait in a queue for 128, and ",
                    "Connections leak orders-api · port 8082 · PID ", "more than 30 minutes ago",
                    "Unanswered connection attempts search · to port 9300 · PID ",
                ] { #expect(text.contains(words), "\(view.width) \(view.scheme): \(words)") }
                #expect(view.broken == [] && view.hidden == [] && !view.isScrolled)
                #expect(view.complaints == [])
            }
        }

        @Test(.requires(.tool("nginx"))) func behindAProxyEverythingLoads() throws {
            for view in try report(["--proxied", "/tcp/"]) {
                #expect(view.complaints == [])
                let paths = ["/tcp/", "/tcp/-/page.css", "/tcp/-/page.js", "/tcp/metrics"]
                #expect(view.responses.filter { paths.contains($0.key) }.count == paths.count)
                #expect(view.responses.allSatisfy { $0.value == 200 }, "\(view.responses)")
            }
        }
    }
}
