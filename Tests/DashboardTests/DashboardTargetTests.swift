import Testing

/// The rules of Grafana's dashboard linter for single queries, and some of our own.
@Suite struct DashboardTargetTests {
    /// Prometheus' own metrics of a target, which are in no exporter's catalogue.
    static let namesOfPrometheus: Set = [
        "up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped",
    ]

    /// The expressions of panels and annotations.
    private static func expressions(of dashboard: Dashboard) -> [String] {
        dashboard.queries.map(\.target.expr) + dashboard.annotations.list.map(\.expr)
    }

    /// target-job-rule, target-instance-rule.
    @Test(arguments: Repository.dashboardNames)
    func everySelectorKeepsToTheChosenHosts(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        let chosen = ["job", "instance"].filter { label in
            dashboard.variables.contains { $0.name == label }
        }
        for expression in Self.expressions(of: dashboard) {
            for selector in PromQL(expression).selectors {
                for label in chosen {
                    #expect(selector.matchers[label] == #"=~"$\#(label)""#, "\(expression)")
                }
            }
        }
    }

    /// target-rate-interval-rule, target-counter-agg-rule.
    @Test(arguments: Repository.dashboardNames)
    func countersAreRatesOverGrafanasInterval(_ name: String) throws {
        for query in try Repository.dashboard(name).queries {
            for selector in query.promQL.selectors {
                let isRate = ["rate", "irate", "increase"].contains(selector.function)
                #expect(isRate == selector.name.hasSuffix("_total"), "\(query)")
                #expect(isRate == (selector.range == "$__rate_interval"), "\(query)")
                #expect(["", "$__rate_interval", "$__range"].contains(selector.range), "\(query)")
            }
        }
    }

    /// An average hides the one host that is ill; and what is not known here, the other tests would
    /// not read.
    @Test(arguments: Repository.dashboardNames)
    func queriesAreMadeOfFewWordsAndNoAverages(_ name: String) throws {
        let words: Set = [
            "and", "clamp_min", "count", "delta", "end", "max", "max_over_time", "min", "or",
            "rate",
            "sum", "topk", "unless", "vector",
        ]
        for query in try Repository.dashboard(name).queries {
            #expect(query.promQL.words.subtracting(words) == [], "\(query)")
            #expect(!query.promQL.selectors.isEmpty, "\(query)")
        }
    }

    /// Tables use instant queries, lines use range queries.
    @Test(arguments: Repository.dashboardNames)
    func queriesAskInTheWayOfTheirPanel(_ name: String) throws {
        let overTime: Set = ["timeseries", "heatmap", "state-timeline"]
        for query in try Repository.dashboard(name).queries {
            #expect(query.target.isRange == overTime.contains(query.panel.type), "\(query)")
            #expect(query.target.isInstant != query.target.isRange, "\(query)")
            #expect(query.target.isTable == (query.panel.type == "table"), "\(query)")
        }
    }

    /// The members of a top list of lines are those of the whole time range, or lines would come
    /// and go at each step. A topk over rates is meant so: there are few, and they have no maximum.
    @Test(arguments: Repository.dashboardNames)
    func topListsOfLinesAreSteady(_ name: String) throws {
        for query in try Repository.dashboard(name).queries where query.target.isRange {
            let text = query.target.expr
            let isSteady = text.contains("@ end()") || text.hasPrefix("topk(10, sum by")
            #expect(!text.contains("topk") || isSteady, "\(query)")
        }
    }

    /// A legend or column can only use labels of the query's result: those that it groups by, and of a
    /// record all that it has.
    @Test(arguments: Repository.dashboardNames)
    func legendsNameLabelsThatAreThere(_ name: String) throws {
        let vocabulary = try RulesVocabulary()
        let dashboard = try Repository.dashboard(name)
        let legends =
            dashboard.queries.map { ($0.target.expr, $0.target.legendFormat ?? "") }
            + dashboard.annotations.list.map { ($0.expr, $0.textFormat) }
        for (expression, legend) in legends {
            let query = PromQL(expression)
            let records = query.selectors.map(\.name).filter { $0.contains(":") }
            let known = records.reduce(query.groupingLabels) {
                $0.union(vocabulary.labels[$1] ?? [])
            }
            for label in legend.matches(of: /{{([a-z_]+)}}/).map({ String($0.1) }) {
                #expect(known.contains(label), "\(label): \(expression)")
            }
        }
    }

    /// A number alone does not say what it is about: the highest of several has its owner's name.
    @Test(arguments: Repository.dashboardNames)
    func theHighestOfSeveralHasAName(_ name: String) throws {
        for query in try Repository.dashboard(name).queries where query.panel.type == "stat" {
            let isOne = !query.target.expr.hasPrefix("topk(")
            #expect(isOne == (query.target.legendFormat?.contains("{{") != true), "\(query)")
        }
    }
}
