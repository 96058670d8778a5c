import Foundation
import TestSupport
import Testing

/// A lapse of time changes durations and nothing else, as Prometheus reads the rules.
@Suite(
    .thread(.load), .requires(.prometheus), .requires(.curl), .requires(.networkNamespaces),
    .requires(.tool("python3")))
struct RulesTimeLapseTests {
    private static let factor = 100
    /// Of groups that name none: unlike any that a file names.
    private static let intervalSeconds = 7.0

    @Test func aLapseDividesDurationsAndChangesNothingElse() throws {
        let (plain, lapsed) = try inNewNetworkNamespace { () -> ([LoadedRule], [LoadedRule]) in
            let paths = RulesFile.alerts + [RulesFile.records]
            var files: [String: String] = [:]
            for (index, path) in paths.enumerated() {
                files["plain\(index).yml"] = try RulesFile(path).text
                files["lapsed\(index).yml"] = try RulesTimeLapse.text(
                    of: path, dividedBy: Self.factor)
            }
            let names = files.keys.sorted().joined(separator: ", ")
            let prometheus = try RunningPrometheus(
                configuration: """
                    global: { evaluation_interval: \(Int(Self.intervalSeconds))s }
                    rule_files: [\(names)]
                    """, files: files)
            return (try rules("plain", of: prometheus), try rules("lapsed", of: prometheus))
        }
        #expect(plain.count == lapsed.count && plain.count > 30)
        for (plain, lapsed) in zip(plain, lapsed) {
            #expect(plain.texts == lapsed.texts)
            #expect(plain.holdSeconds == lapsed.holdSeconds * Double(Self.factor))
            let isOfGroup = plain.intervalSeconds != Self.intervalSeconds
            let divisor = isOfGroup ? Double(Self.factor) : 1
            #expect(plain.intervalSeconds == lapsed.intervalSeconds * divisor)
            #expect(plain.wordsOfQuery == lapsed.wordsOfQuery)
            let milliseconds = lapsed.durationsOfQuery.map { $0 * Self.factor }
            #expect(plain.durationsOfQuery == milliseconds, "\(plain.texts)")
        }
        #expect(plain.contains { $0.holdSeconds > 0 && !$0.durationsOfQuery.isEmpty })
    }

    /// The rules of the files whose names begin so, in the order of the files.
    private func rules(
        _ prefix: String, of prometheus: RunningPrometheus
    ) throws -> [LoadedRule] {
        try prometheus.awaited("rules", within: .seconds(60)) {
            let data = try prometheus.data(of: "rules") as? [String: Any]
            guard let groups = data?["groups"] as? [[String: Any]], !groups.isEmpty else {
                return nil
            }
            return groups.filter { ($0["file"] as? String ?? "").contains("/\(prefix)") }
                .flatMap { group in
                    let interval = group["interval"] as? Double ?? 0
                    return (group["rules"] as? [[String: Any]] ?? [])
                        .map { LoadedRule($0, intervalSeconds: interval) }
                }
        }
    }
}

/// A rule as Prometheus has read it.
private struct LoadedRule {
    let texts: [String: String]
    let holdSeconds: Double
    let query: String

    /// Of its group.
    let intervalSeconds: Double

    init(_ rule: [String: Any], intervalSeconds: Double) {
        self.intervalSeconds = intervalSeconds
        var texts = rule["annotations"] as? [String: String] ?? [:]
        texts.merge(rule["labels"] as? [String: String] ?? [:]) { $0 + $1 }
        texts["name"] = rule["name"] as? String
        texts["type"] = rule["type"] as? String
        self.texts = texts
        holdSeconds = rule["duration"] as? Double ?? 0
        query = rule["query"] as? String ?? ""
    }

    /// What Prometheus writes after `[`, and after `offset`.
    private static var duration: Regex<(Substring, Substring, Substring)> {
        /(\[|offset )((?:[0-9]+(?:ms|[smhdwy]))+)/
    }

    var wordsOfQuery: String { query.replacing(Self.duration) { "\($0.1)…" } }

    var durationsOfQuery: [Int] {
        query.matches(of: Self.duration).map { match in
            match.2.matches(of: /([0-9]+)(ms|s|m|h|d)/).reduce(0) { sum, part in
                let units = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
                return sum + (Int(part.1) ?? 0) * (units[String(part.2)] ?? 0)
            }
        }
    }
}
