import Foundation
import TestSupport
import Testing

extension CommandTests {
    @Suite(.requires(.root), .requires(.tool("setpriv")))
    struct Unprivileged {
        @Test func unprivilegedUsersCanCountEverything() throws {
            let result = try runAsNobody(["--once"])
            #expect(result.status == .exited(0), "\(result.standardError)")
            let text = try MetricsText(Array(result.standardOutput.utf8))
            #expect(text.conservationBreaches == [])
            let successes = text.samples("tcptable_scrape_collector_success")
            #expect(successes.map(\.value) == Array(repeating: 1, count: 6))
        }

        @Test(.requires(.networkNamespaces))
        func hiddenOwnersAreProtectedAndReportedOnce() throws {
            try inNewNetworkNamespace {
                let held = try HeldSockets(.established, .ipv4)
                defer { held.close() }
                let result = try runAsNobody(["--once"])
                let text = try MetricsText(Array(result.standardOutput.utf8))
                #expect(text.tableRows == held.rows)
                let labels = ["reason": "protected", "state": "established"]
                #expect(text.value("tcptable_unattributed_connections", labels) == 2)
                #expect(result.standardError.contains("cannot read the descriptors of"))
                #expect(result.standardError.split(separator: "\n").count == 1)
            }
        }

        /// Uses a copy, because other users may not have access to the build directory.
        private func runAsNobody(_ arguments: [String]) throws -> ProcessResult {
            let directory = try TemporaryDirectory()
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: directory.path)
            let copy = directory.path + "/tcptable_exporter"
            try copyExecutable(exporter, to: copy)
            return try run(
                toolPath("setpriv") ?? "setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups", copy] + arguments)
        }
    }
}
