import Testing

/// The rules of Grafana's dashboard linter for single queries, and some of our own.
@Suite struct DashboardTargetTests {
    /// Prometheus' own metrics of a target, which are in no exporter's catalogue.
    static let namesOfPrometheus: Set = [
        "up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped",
    ]

    /// target-job-rule, target-instance-rule.
    @Test(arguments: Repository.dashboardNames)
    func everySelectorKeepsToTheChosenHosts(_ name: String) throws {
        for query in try Repository.dashboard(name).queries {
            for selector in query.promQL.selectors {
                #expect(selector.matchers["job"] == #"=~"$job""#, "\(query)")
                #expect(selector.matchers["instance"] == #"=~"$instance""#, "\(query)")
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
            "and", "clamp_min", "count", "delta", "end", "last_over_time", "max", "max_over_time",
            "min", "or", "rate", "sum", "topk", "vector",
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
            #expect(query.target.range == overTime.contains(query.panel.type), "\(query)")
            #expect(query.target.instant != query.target.range, "\(query)")
            let format = query.panel.type == "table" ? "table" : "time_series"
            #expect(query.target.format == format, "\(query)")
        }
    }

    /// The members of a top list of lines are those of the whole time range, or lines would come
    /// and go at each step. A topk over rates is meant so: there are few, and they have no maximum.
    @Test(arguments: Repository.dashboardNames)
    func topListsOfLinesAreSteady(_ name: String) throws {
        for query in try Repository.dashboard(name).queries where query.target.range {
            let text = query.target.expr
            let isSteady = text.contains("@ end()") || text.hasPrefix("topk(10, sum by")
            #expect(!text.contains("topk") || isSteady, "\(query)")
        }
    }

    /// A legend or column can only use labels of the query's result.
    @Test(arguments: Repository.dashboardNames)
    func legendsNameLabelsThatAreThere(_ name: String) throws {
        for query in try Repository.dashboard(name).queries {
            let named = (query.target.legendFormat ?? "").matches(of: /{{([a-z_]+)}}/)
            for label in named.map({ String($0.1) }) {
                #expect(query.promQL.groupingLabels.contains(label), "\(label): \(query)")
            }
        }
    }
}
