import Foundation
import Testing

/// Where the panels lie, and of which parts they are made.
@Suite struct DashboardLayoutTests {
    /// Grafana's grid: 24 columns, no end below.
    @Test(arguments: Repository.dashboardNames)
    func noPanelLiesOnAnotherOrBesideTheGrid(_ name: String) throws {
        var taken: [Int: String] = [:]
        for panel in try Repository.dashboard(name).panels {
            let place = panel.gridPos
            #expect(place.x >= 0 && place.w > 0 && place.x + place.w <= 24, "\(panel.title)")
            #expect(place.y >= 0 && place.h > 0, "\(panel.title)")
            for y in place.y..<(place.y + place.h) {
                for x in place.x..<(place.x + place.w) {
                    let cell = y * 24 + x
                    #expect(taken[cell] == nil, "\(panel.title) on \(taken[cell] ?? "")")
                    taken[cell] = panel.title
                }
            }
        }
    }

    /// As they are read: from the top, from the left, each row's title above its panels.
    @Test(arguments: Repository.dashboardNames)
    func panelsAreInTheOrderOfTheirPositions(_ name: String) throws {
        let panels = try Repository.dashboard(name).panels
        let places = panels.map { $0.gridPos.y * 24 + $0.gridPos.x }
        #expect(places == places.sorted())
        #expect(panels.first?.type == "row")
        for row in panels where row.type == "row" {
            #expect(row.gridPos.w == 24 && row.gridPos.h == 1, "\(row.title)")
        }
    }

    /// Rows about offload, which most hosts do not have, and about the exporter itself are opened when
    /// they are needed; only then Grafana asks for their panels' data.
    @Test(arguments: [
        ("fleet", ["Exporters"]), ("module", ["Offload"]),
        ("host", ["Offload and kernel TLS", "Exporter", "HTTP server of the exporter"]),
    ])
    func rowsOfLittleInterestAreFolded(_ name: String, _ expected: [String]) throws {
        let rows = try Repository.dashboard(name).panels.filter { $0.type == "row" }
        #expect(rows.filter { $0.collapsed == true }.map(\.title) == expected)
        for row in rows {
            #expect(row.panels?.isEmpty == (row.collapsed != true), "\(row.title)")
        }
    }

    /// Lines of the grid without a panel would be holes.
    @Test(arguments: Repository.dashboardNames)
    func noLineOfTheGridIsEmpty(_ name: String) throws {
        let panels = try Repository.dashboard(name).panels
        let lines = Set(panels.flatMap { $0.gridPos.y..<($0.gridPos.y + $0.gridPos.h) })
        #expect(lines == Set(0..<lines.count))
    }

    /// The options of each kind of panel in Grafana 10 and 11 (its schemas, `panelcfg.cue`). What is not
    /// among them would be ignored without a word.
    private static let options: [String: Set<String>] = [
        "stat": [
            "colorMode", "graphMode", "justifyMode", "orientation", "reduceOptions", "textMode",
        ],
        "timeseries": ["legend", "tooltip"],
        "table": ["cellHeight", "footer", "showHeader", "sortBy"],
        "bargauge": [
            "displayMode", "minVizHeight", "minVizWidth", "orientation", "reduceOptions",
            "showUnfilled", "valueMode",
        ],
        "heatmap": [
            "calculate", "calculation", "cellGap", "color", "exemplars", "filterValues", "legend",
            "rowsFrame", "showValue", "tooltip", "yAxis",
        ],
        "state-timeline": [
            "alignValue", "legend", "mergeValues", "rowHeight", "showValue", "tooltip",
        ],
    ]

    /// The parts that drawing has in `fieldConfig.defaults.custom` of each kind.
    private static let drawing: [String: Set<String>] = [
        "stat": [],
        "timeseries": [
            "drawStyle", "fillOpacity", "lineWidth", "scaleDistribution", "showPoints", "spanNulls",
            "stacking", "thresholdsStyle",
        ],
        "table": ["align", "cellOptions", "filterable", "inspect"],
        "bargauge": [],
        "heatmap": ["hideFrom", "scaleDistribution"],
        "state-timeline": ["fillOpacity", "lineWidth"],
    ]

    private static let defaults: Set<String> = [
        "color", "custom", "decimals", "links", "mappings", "max", "min", "noValue", "thresholds",
        "unit",
    ]

    @Test(arguments: Repository.dashboardNames)
    func everyPanelHasTheOptionsOfItsKind(_ name: String) throws {
        for panel in try Self.shownPanels(of: name) {
            let type = try #require(panel["type"] as? String)
            let options = try #require(panel["options"] as? [String: Any])
            #expect(Set(options.keys) == Self.options[type], "\(panel["title"] ?? "")")
            let fields = try #require(panel["fieldConfig"] as? [String: Any])
            let defaults = try #require(fields["defaults"] as? [String: Any])
            #expect(Set(defaults.keys).isSubset(of: Self.defaults), "\(panel["title"] ?? "")")
            let custom = defaults["custom"] as? [String: Any] ?? [:]
            #expect(Set(custom.keys) == Self.drawing[type], "\(panel["title"] ?? "")")
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
            "color", "custom.cellOptions", "custom.hidden", "custom.lineStyle", "decimals",
            "mappings",
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

    private static func shownPanels(of name: String) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Repository.dashboardData(name))
        let panels = (object as? [String: Any])?["panels"] as? [[String: Any]] ?? []
        let folded = panels.flatMap { $0["panels"] as? [[String: Any]] ?? [] }
        return (panels + folded).filter { $0["type"] as? String != "row" }
    }
}
