import Exporter
import Exposition
import Foundation
import TestSupport
import Testing

/// The dashboards use the metrics and labels of the exporter's catalogue.
@Suite struct DashboardCatalogueTests {
    private static let families = Metric.all.reduce(into: [String: MetricFamily]()) {
        $0[$1.name.description] = $1
    }

    /// The exporter's own metrics have no network namespace.
    private static func hasNamespace(_ family: String) -> Bool {
        let own =
            /process_|tcptable_(container_names|exporter|http|(listeners|modules)_folded|module_map|network|owner|scrape|table_dump|web)/
        return family.prefixMatch(of: own) == nil
    }

    /// The labels that series of a metric can have in Prometheus.
    private static func labels(of family: String) -> Set<String> {
        let own = families[family]?.labels.map(\.description) ?? []
        let namespace = hasNamespace(family) ? ["netns"] : []
        return Set(own + namespace + ["job", "instance"])
    }

    /// `ALERTS` has the labels of alerts, which are the exporter's, and its own.
    private static let labelsOfAlerts = Metric.all
        .reduce(into: ["alertname", "alertstate", "severity"] as Set<String>) {
            $0.formUnion(labels(of: $1.name.description))
        }

    @Test(arguments: Repository.dashboardNames)
    func everyMetricAndLabelOfAQueryExists(_ name: String) throws {
        let vocabulary = try RulesVocabulary()
        for query in try Repository.dashboard(name).queries {
            var known: Set<String> = query.uses("ALERTS") ? Self.labelsOfAlerts : []
            for selector in query.promQL.selectors {
                let isRecord = selector.name.contains(":")
                let labels =
                    isRecord
                    ? (vocabulary.labels[selector.name] ?? []).union(["job"])
                    : Self.labels(of: selector.name)
                let isAlerts = selector.name == "ALERTS"
                let isKnown =
                    Self.families[selector.name] != nil
                    || isRecord && vocabulary.labels[selector.name] != nil
                #expect(
                    isKnown || DashboardTargetTests.namesOfPrometheus.contains(selector.name),
                    "\(selector.name): \(query)")
                let named = Set(selector.matchers.keys)
                #expect(
                    named.isSubset(of: isAlerts ? Self.labelsOfAlerts : labels), "\(query)")
                known.formUnion(labels)
            }
            #expect(query.promQL.groupingLabels.isSubset(of: known), "\(query)")
        }
    }

    /// A list of values and a query must agree on the selection.
    @Test(arguments: Repository.dashboardNames)
    func everyVariableIsUsedInEveryQuery(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        let variables = dashboard.variables.filter { $0.type == "query" }.map(\.name)
        for query in dashboard.queries {
            for selector in query.promQL.selectors where Self.families[selector.name] != nil {
                for variable in Set(variables).intersection(Self.labels(of: selector.name)) {
                    #expect(
                        selector.matchers[variable] == #"=~"$\#(variable)""#,
                        "\(variable): \(query)")
                }
            }
        }
    }

    @Test(arguments: Repository.dashboardNames)
    func everyVariableAsksForALabelThatExists(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        for variable in dashboard.variables where variable.type == "query" {
            let question = try #require(LabelValues(variable.query), "\(variable.query)")
            #expect(question.label == variable.name)
            #expect(Self.labels(of: question.metric).contains(question.label))
            let matchers = PromQL(variable.query).selectors.flatMap(\.matchers.keys)
            #expect(Set(matchers).isSubset(of: Self.labels(of: question.metric)))
        }
    }

    /// Where this fails, it names what the dashboards lack.
    @Test func everyMetricHasAPanel() throws {
        let queries = try Repository.dashboards().flatMap(\.queries)
        let shown = Set(queries.flatMap { $0.promQL.selectors.map(\.name) })
        #expect(Set(Self.families.keys).subtracting(shown).sorted() == [])
    }

    /// Hundreds of hosts at once: what would read all of their series is recorded.
    @Test func theFleetReadsRecords() throws {
        for query in try Repository.dashboard("fleet").queries {
            for selector in query.promQL.selectors {
                let isRecord = selector.name.contains(":")
                #expect(isRecord || ["ALERTS", "up"].contains(selector.name), "\(query)")
            }
        }
    }

    /// A column that is named for a state or a queue shows that one, and no other.
    @Test(arguments: Repository.dashboardNames)
    func columnsShowWhatTheirNamesSay(_ name: String) throws {
        let queues = ["Receive queue": "_receive_queue_bytes{", "Send queue": "_send_queue_bytes{"]
        for panel in try Repository.dashboard(name).shown where panel.type == "table" {
            for target in panel.targets ?? [] {
                let column = panel.renamed["Value #\(target.refId)"] ?? ""
                if let queue = queues[column] {
                    #expect(target.expr.contains(queue), "\(panel.title): \(column)")
                }
                let states = Set(target.expr.matches(of: /\bstate="([^"]*)"/).map { String($0.1) })
                #expect(states.isSubset(of: [column]), "\(panel.title): \(column)")
                let isState = column.contains(/^[a-z_0-9]+$/)
                #expect(isState == !states.isEmpty, "\(panel.title): \(column)")
            }
        }
    }

    /// Colors and columns go by names that the queries give, or they would change nothing.
    @Test(arguments: Repository.dashboardNames)
    func everyColumnOfATableExists(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown where panel.type == "table" {
            let targets = panel.targets ?? []
            var columns: Set<String> = targets.count == 1 ? ["Value"] : []
            if targets.count > 1 { columns.formUnion(targets.map { "Value #\($0.refId)" }) }
            for target in targets { columns.formUnion(PromQL(target.expr).groupingLabels) }
            let organize = panel.transformations?.first { $0.id == "organize" }?.options
            let ordered = Set((organize?.indexByName ?? [:]).keys)
            #expect(ordered.union(panel.renamed.keys).isSubset(of: columns), "\(panel.title)")
            let shown = columns.subtracting(panel.renamed.keys).union(panel.renamed.values)
            for column in panel.fieldConfig?.overrides ?? [] where column.matcher.id == "byName" {
                #expect(shown.contains(column.matcher.options), "\(panel.title)")
            }
        }
    }

    /// The values are those of a real exposition; `device_record` needs a card that can.
    @Test(arguments: Repository.dashboardNames)
    func everyColorIsOfAValueThatExists(_ name: String) throws {
        let recorded = try MetricsText(
            Array(Data(contentsOf: Repository.recordings.appending(path: Repository.kernelTLS))))
        let values = recorded.families.flatMap { $0.samples.flatMap { $0.labels.map(\.value) } }
        let known = Set(values).union(["device_record"])
        for panel in try Repository.dashboard(name).shown where panel.type != "table" {
            let legends = panel.targets?.compactMap(\.legendFormat) ?? []
            for field in panel.fieldConfig?.overrides ?? [] {
                let name = field.matcher.options
                let isLegend = legends.contains { legend in
                    field.matcher.id == "byRegexp"
                        ? "/^\(legend)".hasPrefix(name.dropLast()) : legend == name
                }
                #expect(known.contains(name) || isLegend, "\(panel.title): \(name)")
            }
        }
    }
}

/// A variable's question: `label_values(METRIC{MATCHERS}, LABEL)`.
struct LabelValues {
    let selector: String
    let metric: String
    let label: String

    init?(_ query: String) {
        let form = /label_values\((([a-z_]+)(?:\{[^}]*\})?), ([a-z_]+)\)/
        guard let match = query.wholeMatch(of: form) else { return nil }
        selector = String(match.1)
        metric = String(match.2)
        label = String(match.3)
    }
}
