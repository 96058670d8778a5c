import Foundation
import Testing

/// Where the panels lie, and of which parts they are made. `Tests/Dashboards/validate` compares them with
/// Grafana's own types.
@Suite struct DashboardLayoutTests {
    /// The panels of each row lie below it when it is opened, and move the next rows down.
    private static func screens(of name: String) throws -> [[Panel]] {
        let dashboard = try Repository.dashboard(name)
        return [dashboard.topLevel] + dashboard.topLevel.compactMap(\.panels)
    }

    /// Grafana's grid: 24 columns, no end below.
    @Test(arguments: Repository.dashboardNames)
    func noPanelLiesOnAnotherOrBesideTheGrid(_ name: String) throws {
        for panels in try Self.screens(of: name) {
            var taken: [Int: String] = [:]
            for panel in panels {
                let place = panel.gridPos
                #expect(place.x >= 0 && place.w > 0 && place.x + place.w <= 24, "\(panel.title)")
                #expect(place.y >= 0 && place.h > 0, "\(panel.title)")
                for cell in place.cells {
                    #expect(taken[cell] == nil, "\(panel.title) on \(taken[cell] ?? "")")
                    taken[cell] = panel.title
                }
            }
        }
    }

    /// As they are read: from the top, from the left. Lines without a panel would be holes.
    @Test(arguments: Repository.dashboardNames)
    func panelsAreInTheOrderOfTheirPositions(_ name: String) throws {
        for panels in try Self.screens(of: name) {
            let places = panels.map { $0.gridPos.y * 24 + $0.gridPos.x }
            #expect(places == places.sorted())
            let lines = Set(panels.flatMap { $0.gridPos.y..<($0.gridPos.y + $0.gridPos.h) })
            let first = try #require(panels.first).gridPos.y
            #expect(lines == Set(first..<(first + lines.count)), "\(panels.map(\.title))")
        }
    }

    /// One screen first: 24 lines are 912 pixels. All else is in rows that are opened when they are
    /// needed; only then Grafana asks for their panels' data.
    @Test(arguments: Repository.dashboardNames)
    func whatIsOpenFitsOnAScreen(_ name: String) throws {
        let dashboard = try Repository.dashboard(name)
        let open = dashboard.topLevel.filter { $0.type != "row" }
        #expect(open.map { $0.gridPos.y + $0.gridPos.h }.max() ?? 0 <= 24)
        #expect(open.first?.type == "stat" && open.contains { $0.type == "timeseries" })
        for row in dashboard.topLevel where row.type == "row" {
            #expect(row.collapsed == true && row.panels?.isEmpty == false, "\(row.title)")
            #expect(row.gridPos.w == 24 && row.gridPos.h == 1, "\(row.title)")
            #expect(row.panels?.first?.gridPos.y == row.gridPos.y + 1, "\(row.title)")
        }
    }

    /// Where labels of a table have no unit of their own, Grafana takes the columns' unit, and a port
    /// becomes "8,080".
    @Test(arguments: Repository.dashboardNames)
    func textColumnsStayText(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown where panel.type == "table" {
            let text = panel.fieldConfig?.overrides.first
            #expect(text?.matcher.id == "byType" && text?.matcher.options == "string")
            #expect(text?.unit == "string", "\(panel.title)")
        }
    }

    @Test(arguments: Repository.dashboardNames)
    func everyOverrideIsOneThatGrafanaKnows(_ name: String) throws {
        let matchers: Set = ["byName", "byRegexp", "byType"]
        let properties: Set = [
            "color", "custom.cellOptions", "custom.hidden", "custom.minWidth", "custom.width",
            "decimals", "mappings", "max", "min", "noValue",
        ]
        for field in try Repository.dashboard(name).shown.flatMap({
            $0.fieldConfig?.overrides ?? []
        }) {
            #expect(matchers.contains(field.matcher.id))
            #expect(Set(field.otherIDs).isSubset(of: properties), "\(field.matcher.options)")
        }
    }

    /// A table of several queries is one only if its rows are merged by their labels.
    @Test(arguments: Repository.dashboardNames)
    func tablesOfSeveralQueriesAreMerged(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown {
            let steps = panel.transformations?.map(\.id) ?? []
            if panel.type != "table" {
                #expect(steps.isEmpty, "\(panel.title)")
            } else if panel.targets?.count == 1 {
                #expect(steps == ["organize"], "\(panel.title)")
            } else {
                #expect(steps == ["merge", "organize"], "\(panel.title)")
            }
        }
    }
}

extension Panel.Place {
    /// Numbers of the squares of the grid.
    fileprivate var cells: [Int] {
        (y..<(y + h)).flatMap { line in (x..<(x + w)).map { line * 24 + $0 } }
    }
}
