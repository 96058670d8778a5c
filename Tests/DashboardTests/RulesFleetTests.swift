import Foundation
import TestSupport
import Testing

/// The fleet of `Tests/Fleet/fleet`, made small; how long rules take is for a machine that does nothing
/// else to say.
@Suite(
    .slow, .thread(.load), .requires(.prometheus), .requires(.curl), .requires(.root),
    .requires(.networkNamespaces),
    .requires(.tool("python3")), .requires(.tool("ip")), .requires(.tool("unshare")))
struct RulesFleetTests {
    @Test func aFleetIsScrapedAndItsRulesEvaluated() throws {
        let script = RulesFile.root.appending(path: "Tests/Fleet/fleet").path
        var environment = ProcessInfo.processInfo.environment
        environment["PRODUCTS"] = productsDirectory
        let result = try run(
            script, ["4", "200", "20"], environment: environment, timeout: .seconds(120))
        try #require(result.status == .exited(0), "\(result.standardError)")
        let said = Dictionary(
            result.standardOutput.split(separator: "\n").compactMap { line in
                line.firstRange(of: ": ").map { colon in
                    (String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
                }
            }, uniquingKeysWith: { first, _ in first })
        #expect(said["targets up"] == "4 of 4")
        #expect(said["modules of a target"] == "20")
        #expect(said["rules that failed"] == "0")
        let series = try #require(Int(said["series of a target"] ?? ""), "\(said)")
        #expect(series > 20 * 5 && series < 20 * 11 + 30 * 16 + 200)
        #expect(Double(said["rules, seconds in each 15 seconds"] ?? "") != nil, "\(said)")
    }
}
