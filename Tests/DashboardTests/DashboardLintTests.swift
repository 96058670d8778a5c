import Foundation
import TestSupport
import Testing

/// The rules of Grafana's dashboard linter (github.com/grafana/dashboard-linter), in our own words and
/// without its exceptions for other data sources. Each test names the rules that it stands for.
@Suite struct DashboardLintTests {
    private let templated = Datasource(type: "prometheus", uid: "${datasource}")

    /// template-datasource-rule.
    @Test(arguments: Repository.dashboardNames)
    func theDataSourceIsChosen(_ name: String) throws {
        let variable = try Repository.dashboard(name).variables.first
        #expect(variable?.type == "datasource")
        #expect(variable?.name == "datasource")
        #expect(variable?.label == "Data source")
        #expect(variable?.query == "prometheus")
    }

    /// template-job-rule, template-instance-rule, but for two exceptions. All jobs are those of exporters:
    /// ".+", which the linter wants, would be every job of the server. The fleet is all hosts.
    @Test(arguments: Repository.dashboardNames, ["job", "instance"])
    func jobAndInstanceAreChosen(_ name: String, _ label: String) throws {
        let variable = try Repository.dashboard(name).variables.first { $0.name == label }
        if name == "fleet", label == "instance" {
            #expect(variable == nil)
        } else {
            #expect(variable?.type == "query")
            #expect(variable?.label == label.capitalized)
            #expect(variable?.multi == true)
            #expect(variable?.allValue == (label == "job" ? nil : ".+"))
        }
    }

    /// template-on-time-change-reload-rule, and the same data source for all.
    @Test(arguments: Repository.dashboardNames)
    func valuesToChooseFromAreThoseOfTheTimeRange(_ name: String) throws {
        for variable in try Repository.dashboard(name).variables where variable.type == "query" {
            #expect(variable.refresh == 2, "\(variable.name)")
            #expect(variable.datasource == templated, "\(variable.name)")
        }
    }

    /// template-unused-rule.
    @Test(arguments: Repository.dashboardNames)
    func everyChoiceChangesSomething(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        let matchers = dashboard.queries.flatMap { $0.promQL.selectors.flatMap(\.matchers.values) }
        for variable in dashboard.variables where variable.type == "query" {
            #expect(matchers.contains(#"=~"$\#(variable.name)""#), "\(variable.name)")
        }
    }

    /// panel-datasource-rule: no identifier of anybody's data source stands anywhere.
    @Test(arguments: Repository.dashboardNames)
    func everyDataSourceIsTheChosenOne(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        for panel in dashboard.shown { #expect(panel.datasource == templated, "\(panel.title)") }
        for one in dashboard.annotations.list {
            #expect(one.datasource == templated, "\(one.name)")
        }
        let text = String(decoding: try Repository.dashboardData(name), as: UTF8.self)
        let uids = text.matches(of: /"uid": "([^"]*)"/).map { String($0.1) }
        #expect(Set(uids) == ["${datasource}", dashboard.uid])
    }

    /// panel-title-description-rule; a description is a sentence.
    @Test(arguments: Repository.dashboardNames)
    func everyPanelHasADescription(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        #expect(dashboard.description.hasSuffix("."))
        for panel in dashboard.shown {
            #expect(!panel.title.isEmpty)
            #expect(panel.description?.hasSuffix(".") == true, "\(panel.title)")
        }
    }

    /// panel-units-rule. Numbers that are no amount (a state, a version) have the unit "none".
    @Test(arguments: Repository.dashboardNames)
    func everyPanelHasAUnit(_ name: String) throws {
        let known: Set = [
            "none", "string", "short", "locale", "percentunit", "bytes", "s", "cps",
            "dateTimeFromNow",
        ]
        for panel in try Repository.dashboard(name).shown {
            let unit = panel.fieldConfig?.defaults.unit
            #expect(unit.map(known.contains) == true, "\(panel.title): \(unit ?? "no unit")")
            for column in panel.fieldConfig?.overrides ?? [] {
                let unit = column.unit ?? "none"
                #expect(known.contains(unit), "\(panel.title), \(column.matcher.options)")
            }
        }
    }

    /// panel-no-targets-rule, and ids by which links find what they mean.
    @Test(arguments: Repository.dashboardNames)
    func everyPanelAsksAndHasAnIDOfItsOwn(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        for panel in dashboard.shown {
            #expect(panel.targets?.isEmpty == false, "\(panel.title)")
            let references = panel.targets?.map(\.refId) ?? []
            #expect(Set(references).count == references.count, "\(panel.title)")
        }
        #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
        #expect(Set(try Repository.dashboards().map(\.uid)).count == 4)
    }

    /// template-uneditable-rule: the file is the truth, what is changed in a browser gets lost.
    @Test(arguments: Repository.dashboardNames)
    func dashboardsAreKeptAsFiles(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        #expect(!dashboard.editable)
        #expect(dashboard.schemaVersion == 39)
        #expect(dashboard.uid == "tcptable-\(name)")
        #expect(dashboard.tags == ["tcptable"])
    }

    /// target-promql-rule, template-label-promql-rule: by promtool, as rules of a file.
    @Test(.requires(.promtool)) func prometheusUnderstandsEveryQuery() throws {
        let nothing = Substitution(chosen: [:])
        let expressions = try Repository.dashboards().flatMap { dashboard in
            dashboard.queries.map { nothing.expand($0.target.expr, of: dashboard) }
        }
        let rules = expressions.enumerated().map { index, expression in
            "  - record: query_\(index)\n    expr: |\n      \(expression)\n"
        }
        let directory = try TemporaryDirectory()
        let path = directory.path + "/queries.yml"
        try ("groups:\n- name: queries\n  rules:\n" + rules.joined())
            .write(toFile: path, atomically: true, encoding: .utf8)
        let result = try run("promtool", ["check", "rules", "--lint=none", path])
        #expect(result.status == .exited(0), "\(result.standardError)")
        #expect(result.standardOutput.contains("SUCCESS: \(rules.count) rules found"))
    }
}
