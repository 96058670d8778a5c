import Foundation
import Testing

/// From the fleet to a host, from a host to a program, and back.
@Suite struct DashboardLinkTests {
    @Test(arguments: Repository.dashboardNames)
    func everyDashboardLeadsToTheOthersWithAllThatIsChosen(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        let others = Repository.dashboardNames.filter { $0 != name }.map { "/d/tcptable-\($0)" }
        let internalLinks = dashboard.links.filter { $0.url.hasPrefix("/") }
        #expect(internalLinks.map(\.url).sorted() == others)
        for link in internalLinks {
            #expect(link.includeVars == true && link.keepTime == true, "\(link.title)")
        }
    }

    /// All begin with the same address, so that one command puts the reader's own in its place.
    @Test(arguments: Repository.dashboardNames)
    func everyDashboardLeadsToTheDocumentation(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        let links = dashboard.links.filter { !$0.url.hasPrefix("/") }
        #expect(links.map(\.title) == ["Runbook", "Documentation"])
        for link in links + dashboard.shown.flatMap(\.dataLinks).filter({ Self.isRunbook($0) }) {
            let path = try #require(link.url.split(separator: Self.repository).first, "\(link.url)")
            let file = path.prefix { $0 != "#" }
            #expect(link.url.hasPrefix(Self.repository))
            #expect(
                FileManager.default.fileExists(
                    atPath: Repository.root.appending(path: String(file)).path), "\(file)")
        }
    }

    /// A section for each alert is found by the alert's name.
    @Test(arguments: ["fleet", "host", "module"])
    func firingAlertsLeadToTheRunbook(_ name: String) throws {
        let panels = try Repository.dashboard(name).shown.filter { $0.type == "table" }
        let alerts = try #require(panels.first { $0.title == "Firing alerts" })
        #expect(alerts.renamed["alertname"] == "Alert")
        let column = alerts.fieldConfig?.overrides.first { $0.matcher.options == "Alert" }
        let url = Self.repository + "dashboards/RUNBOOK.md#${__value.raw}"
        #expect(column?.links.map(\.url) == [url])
    }

    private static let repository = "https://git.example.com/tcptable_exporter/"

    private static func isRunbook(_ link: Link) -> Bool { link.url.contains("RUNBOOK") }

    /// The data source and the time range go along, values are encoded (an executable may be named
    /// `&var-job=`), and the dashboard at the other end has each variable.
    @Test(arguments: Repository.dashboardNames)
    func everyLinkOfAPanelHasATarget(_ name: String) throws {
        let here = try Repository.dashboard(name)
        for panel in here.shown {
            for link in panel.dataLinks where !Self.isRunbook(link) {
                let (there, given) = try Self.read(link)
                let variables = Set(there.variables.map(\.name))
                #expect(link.url.hasSuffix("&${__url_time_range}"), "\(panel.title)")
                #expect(given.keys.contains("datasource"), "\(panel.title)")
                #expect(Set(given.keys).isSubset(of: variables), "\(panel.title): \(link.url)")
                let carried = given.filter { $0.value.isEmpty }.map(\.key)
                #expect(Set(carried).isSubset(of: Set(here.variables.map(\.name))), "\(link.url)")
            }
        }
    }

    /// What a link takes of a row or a line is there to be taken.
    @Test(arguments: Repository.dashboardNames)
    func everyLinkTakesLabelsThatAreThere(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown {
            let queries = (panel.targets ?? []).map { PromQL($0.expr) }
            for link in panel.dataLinks where !Self.isRunbook(link) {
                let source = panel.type == "table" ? "__data.fields." : "__field.labels."
                for taken in try Self.read(link).given.values where !taken.isEmpty {
                    #expect(taken.hasPrefix(source), "\(panel.title): \(link.url)")
                    let label = String(taken.dropFirst(source.count))
                    let isThere = queries.contains { $0.groupingLabels.contains(label) }
                    #expect(isThere, "\(panel.title): \(label)")
                }
            }
        }
    }

    @Test(arguments: [
        ("fleet", "tcptable-host"), ("fleet", "tcptable-module"), ("host", "tcptable-module"),
        ("module", "tcptable-host"),
    ])
    func hostsAndModulesLinkToTheirDashboards(_ from: String, _ to: String) throws {
        let links = try Repository.dashboard(from).shown.filter { $0.type == "table" }
            .flatMap(\.dataLinks)
        #expect(links.contains { $0.url.hasPrefix("/d/\(to)?") })
    }

    /// The dashboard that a link leads to, and the variables that it gives: the place that a value comes
    /// from, or nothing where the variable's own value is carried on.
    private static func read(_ link: Link) throws -> (there: Dashboard, given: [String: String]) {
        let parts = link.url.split(separator: "?", maxSplits: 1)
        let uid = try #require(parts.first?.wholeMatch(of: /\/d\/tcptable-([a-z]+)/)?.1)
        var given: [String: String] = [:]
        for part in try #require(parts.last).split(separator: "&")
        where part != "${__url_time_range}" {
            if let carried = part.wholeMatch(of: /\$\{([a-z]+):queryparam\}/) {
                given[String(carried.1)] = ""
            } else {
                let taken = try #require(
                    part.wholeMatch(of: /var-([a-z]+)=\$\{([a-z_.]+):percentencode\}/), "\(part)")
                given[String(taken.1)] = String(taken.2)
            }
        }
        return (try Repository.dashboard(String(uid)), given)
    }
}
