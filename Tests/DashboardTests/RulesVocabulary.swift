import Exporter
import Exposition
import Foundation
import TestSupport

/// The names allowed in an expression: the exporter's metrics and labels, those that Prometheus
/// adds, and what the rules record.
struct RulesVocabulary {
    /// Labels of targets, and of other network namespaces.
    static let everywhere: Set = ["job", "instance", "netns"]

    /// By metric.
    private(set) var labels: [String: Set<String>] = ["up": [], "scrape_duration_seconds": []]
    private let golden: MetricsText

    init() throws {
        for family in Metric.all {
            labels[family.name.description] = Set(family.labels.map(\.description))
        }
        let listener = labels["tcptable_listener_backlog_connections"]
        for path in RulesFile.alerts + [RulesFile.records] {
            for rule in try RulesFile(path).rules where !rule.isAlert {
                let level = rule.name.prefix { $0 != ":" }
                labels[rule.name] =
                    level == "listener"
                    ? listener : Set(level.split(separator: "_").map(String.init))
            }
        }
        let file = RulesFile.root.appending(path: "Tests/ExporterTests/Fixtures/metrics.txt")
        golden = try MetricsText(Array(Data(contentsOf: file)))
    }

    /// The invalid names in an expression.
    func complaints(of expression: RulesExpression) -> [String] {
        var found: [String] = []
        for (metric, matchers) in expression.selectors {
            guard let own = labels[metric] else {
                found.append("no metric \(metric)")
                continue
            }
            for matcher in matchers where !own.union(Self.everywhere).contains(matcher.label) {
                found.append("\(metric) has no label \(matcher.label)")
            }
            found += matchers.flatMap { valueComplaints(metric, $0) }
        }
        let known = expression.metrics.reduce(Self.everywhere.union(expression.replaced)) {
            $0.union(labels[$1] ?? [])
        }
        return found + expression.grouping.filter { !known.contains($0) }.map { "no label \($0)" }
    }

    /// The golden exposition has all values of closed sets.
    private func valueComplaints(
        _ metric: String, _ matcher: RulesExpression.Matcher
    ) -> [String] {
        guard !Self.everywhere.contains(matcher.label) else { return [] }
        let known = golden.families.flatMap(\.samples).map { $0[matcher.label] }
        return matcher.value.split(separator: "|").map(String.init)
            .filter { !known.contains($0) }
            .map { "\(metric) has no \(matcher.label)=\"\($0)\"" }
    }
}
