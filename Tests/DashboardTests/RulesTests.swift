import Foundation
import TestSupport
import Testing

/// Alert rules, recording rules and configurations, by promtool and by reading them.
struct RulesTests {
    private static let alerts = "dashboards/alerts.yml"
    private static let records = "dashboards/rules.yml"
    private static let cases = "Tests/DashboardTests/Fixtures/alerts-test.yml"

    @Test(
        .requires(.promtool),
        arguments: [
            ["check", "rules", "--lint-fatal", alerts],
            ["check", "rules", "--lint-fatal", records],
            ["check", "config", "dashboards/prometheus.yml"], ["test", "rules", cases],
            ["test", "rules", "Tests/DashboardTests/Fixtures/rules-test.yml"],
        ])
    func promtoolAcceptsIt(_ arguments: [String]) throws {
        let paths = arguments.map { word in
            word.hasSuffix(".yml") ? RulesFile.root.appending(path: word).path : word
        }
        let result = try run("promtool", paths)
        #expect(
            result.status == .exited(0), "\(result.standardOutput)\(result.standardError)")
    }

    @Test(.requires(.tool("amtool"))) func amtoolAcceptsIt() throws {
        let file = RulesFile.root.appending(path: "dashboards/alertmanager.yml")
        let result = try run("amtool", ["check-config", file.path])
        #expect(
            result.status == .exited(0), "\(result.standardOutput)\(result.standardError)")
    }

    /// Promtool's count tells that the plain reader of these tests misses no rule.
    @Test(.requires(.promtool), arguments: [alerts, records])
    func everyRuleIsRead(_ path: String) throws {
        let count = try RulesFile(path).rules.count
        let file = RulesFile.root.appending(path: path).path
        let said = try run("promtool", ["check", "rules", file]).standardOutput
        #expect(said.contains("SUCCESS: \(count) rules found"), "\(count): \(said)")
        #expect(Set(try RulesFile(path).rules.map(\.name)).count == count)
    }

    @Test func everyAlertIsWhole() throws {
        for alert in try RulesFile(Self.alerts).rules {
            #expect(alert.isAlert && alert.name.hasPrefix("TCP"), "\(alert.name)")
            #expect(!alert.comment.isEmpty, "\(alert.name): no reason for its threshold")
            #expect(alert.hold.contains(/^[1-9][0-9]*[mh]$/), "\(alert.name): for \(alert.hold)")
            #expect(["critical", "warning", "info"].contains(alert.severity), "\(alert.name)")
            #expect(!alert.summary.isEmpty && !alert.description.isEmpty, "\(alert.name)")
            #expect(alert.description.contains("tcptable"), "\(alert.name): no command")
        }
    }

    @Test func everyAlertHasACaseThatFiresAndOneThatIsSilent() throws {
        let cases = try RulesCase.all(in: Self.cases)
        let alerts = try RulesFile(Self.alerts).rules
        for alert in alerts {
            let metrics = RulesExpression(alert.expression).metrics
            // A case without the alert's own series would always be silent.
            let own = cases.filter { one in
                one.name.hasPrefix("\(alert.name) ") && !metrics.isDisjoint(with: one.metrics)
            }
            #expect(own.contains { $0.fires }, "\(alert.name)")
            #expect(own.contains { !$0.fires }, "\(alert.name)")
            #expect(own.allSatisfy { $0.speaks(of: alert.name) }, "\(alert.name)")
        }
        #expect(cases.count == 2 * alerts.count)
    }

    @Test func casesHaveTheSeriesOfTheExporter() throws {
        let vocabulary = try RulesVocabulary()
        for path in [Self.cases, "Tests/DashboardTests/Fixtures/rules-test.yml"] {
            for series in try RulesCase.all(in: path).flatMap(\.series) {
                let expression = RulesExpression(series)
                let metric = try #require(expression.selectors.first)
                let given = Set(metric.matchers.map(\.label))
                let expected = try #require(vocabulary.labels[metric.metric], "\(series)")
                // An empty label is absent: listeners without an owner, and the exporter's own
                // namespace.
                let isOwnerless = !given.contains("module") && expected.contains("port")
                let missing = isOwnerless ? expected.subtracting(["module", "kind"]) : expected
                #expect(missing.subtracting(given) == [], "\(series)")
                #expect(given.subtracting(expected.union(RulesVocabulary.everywhere)) == [])
                #expect(given.isSuperset(of: ["job", "instance"]), "\(series)")
            }
        }
    }

    @Test(arguments: [alerts, records])
    func rulesUseExistingMetricsAndLabels(_ path: String) throws {
        let vocabulary = try RulesVocabulary()
        for rule in try RulesFile(path).rules {
            let expression = RulesExpression(rule.expression)
            #expect(vocabulary.complaints(of: expression) == [], "\(rule.name)")
            #expect(!expression.selectors.isEmpty, "\(rule.name)")
            let known = expression.metrics.reduce(RulesVocabulary.everywhere) {
                $0.union(vocabulary.labels[$1] ?? [])
            }
            for label in (rule.summary + rule.description).matches(of: /\$labels\.(\w+)/) {
                #expect(known.contains(String(label.1)), "\(rule.name): \(label.0)")
            }
        }
    }

    @Test func theQueriesOfTheReadmeUseExistingMetrics() throws {
        let vocabulary = try RulesVocabulary()
        let file = RulesFile.root.appending(path: "README.md")
        let readme = try String(contentsOf: file, encoding: .utf8)
        let queries = readme.components(separatedBy: "```promql\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
            .flatMap { $0.split(separator: "\n") }.filter { !$0.hasPrefix("#") }
        #expect(!queries.isEmpty)
        for query in queries {
            #expect(vocabulary.complaints(of: RulesExpression(String(query))) == [], "\(query)")
        }
    }

    @Test func recordsAreNamedByLevelMetricAndOperations() throws {
        let vocabulary = try RulesVocabulary()
        for rule in try RulesFile(Self.records).rules {
            let parts = rule.name.split(separator: ":").map(String.init)
            try #require(parts.count == 3, "\(rule.name)")
            let source = RulesExpression(rule.expression)
            let isOfMetric = source.metrics.contains { $0.contains(parts[1]) }
            #expect(isOfMetric, "\(rule.name)")
            let operations = parts[2].contains(/^(sum|ratio|max_ratio)$/)
            #expect(operations, "\(rule.name)")
            // What is recorded from a record has that one's labels too.
            let inherited = source.metrics.filter { $0.contains(":") }
                .flatMap { vocabulary.labels[$0] ?? [] }
            let level = Set(parts[0].split(separator: "_").map(String.init))
            let isGrouped = level.isSubset(of: source.grouping + inherited)
            #expect(isGrouped && source.grouping.contains("job"), "\(rule.name)")
        }
    }

    /// The commands in descriptions are valid.
    @Test(.requires(.networkNamespaces)) func everyCommandIsUnderstood() throws {
        let cases = try RulesCase.all(in: Self.cases)
        let commands = cases.flatMap(\.descriptions).compactMap { text in
            text.matches(of: /: (tcptable[^:]*)$/).last.map { String($0.1) }
        }
        #expect(commands.count == cases.flatMap(\.descriptions).count)
        try inNewNetworkNamespace {
            for command in Set(commands) {
                let words = command.replacing(">/dev/null", with: "").split(separator: " ")
                    .map { $0.trimmingCharacters(in: ["'"]) }
                let result = try run(product(words[0]), Array(words.dropFirst()))
                #expect(result.status == .exited(0), "\(command): \(result.standardError)")
            }
        }
    }
}

extension RulesCase {
    fileprivate var metrics: Set<String> { Set(series.map { String($0.prefix { $0 != "{" }) }) }
    fileprivate var fires: Bool { expectations.contains(where: \.isFiring) }

    fileprivate func speaks(of alert: String) -> Bool {
        !expectations.isEmpty && expectations.allSatisfy { $0.alert == alert }
    }
}
