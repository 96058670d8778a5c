import Exporter
import Testing

/// The page at `/` calls a problem what the alerts do.
struct PageThresholdTests {
    private struct Comparison: Hashable {
        var value: Double
        /// Whether the value itself is on the upper side.
        var isInclusive: Bool
    }

    /// What an expression compares with numbers.
    private static func comparisons(_ expression: String) -> Set<Comparison> {
        Set(
            expression.matches(of: /([<>]=?) ([0-9.]+)/).compactMap { match in
                Double(match.output.2).map {
                    Comparison(value: $0, isInclusive: [">=", "<"].contains(match.output.1))
                }
            })
    }

    @Test func thresholdsAreAllThoseOfTheAlerts() throws {
        let rules = try RulesFile("dashboards/alerts.yml").rules
        let expressions = Dictionary(uniqueKeysWithValues: rules.map { ($0.name, $0.expression) })
        let named = Set(AlertThreshold.all.flatMap(\.rules))
        #expect(named.count == 11)
        for rule in named {
            let expected = AlertThreshold.all.filter { $0.rules.contains(rule) }
                .map { Comparison(value: $0.value, isInclusive: $0.isInclusive) }
            let expression = try #require(expressions[rule], "\(rule)")
            #expect(Self.comparisons(expression) == Set(expected), "\(rule)")
        }
    }

    /// On a host's connections; the other alerts are about the exporter itself.
    @Test func noAlertOnConnectionsIsLeftOut() throws {
        let rules = try RulesFile("dashboards/alerts.yml").rules
        let connections = rules.filter { !$0.name.hasPrefix("TCPTable") }.map(\.name)
        #expect(Set(connections) == Set(AlertThreshold.all.flatMap(\.rules)))
    }

    @Test func timesAreThoseOfTheAlerts() throws {
        let rules = try RulesFile("dashboards/alerts.yml").rules
        let drops = try #require(rules.first { $0.name.hasSuffix(":increase2m") })
        #expect(drops.expression.contains("[2m]"))
        #expect(AlertThreshold.dropsDuration == .seconds(2 * 60))
        let leak = try #require(rules.first { $0.name == "TCPCloseWaitLeak" })
        #expect(leak.expression.contains("[15m]"))
        #expect(AlertThreshold.leakDuration == .seconds(15 * 60))
    }
}
