import Foundation

/// A dashboard as Grafana reads it: the parts of its JSON that are tested.
struct Dashboard: Decodable {
    let uid: String
    let title: String
    let description: String
    let editable: Bool
    let schemaVersion: Int
    let graphTooltip: Int
    let refresh: String
    let tags: [String]
    let links: [Link]
    let annotations: Annotations
    let templating: Templating
    /// Rows, and panels that lie in none.
    let topLevel: [Panel]

    private enum CodingKeys: String, CodingKey {
        case uid, title, description, editable, schemaVersion, graphTooltip, refresh, tags, links
        case annotations, templating
        case topLevel = "panels"
    }

    /// All rows and panels, those of folded rows included.
    var panels: [Panel] { topLevel.flatMap { [$0] + ($0.panels ?? []) } }

    var variables: [Variable] { templating.list }

    /// All panels but the rows.
    var shown: [Panel] { panels.filter { $0.type != "row" } }

    /// Every query with its panel.
    var queries: [Query] {
        shown.flatMap { panel in
            (panel.targets ?? []).map { Query(dashboard: self, panel: panel, target: $0) }
        }
    }
}

/// Queries whose results are marked in every graph.
struct Annotations: Decodable {
    struct Annotation: Decodable {
        let name: String
        let expr: String
        let datasource: Datasource
        let textFormat: String
    }

    let list: [Annotation]
}

struct Templating: Decodable { let list: [Variable] }

/// A variable whose values a user selects.
struct Variable: Decodable {
    struct LabelQuery: Decodable { let query: String }

    let name: String
    let label: String
    let type: String
    let multi: Bool
    let includeAll: Bool
    let refresh: Int
    let allValue: String?
    let datasource: Datasource?
    /// What is asked for; of the variable for a data source, its kind.
    let query: String

    private enum Key: CodingKey {
        case name, label, type, multi, includeAll, refresh, allValue, datasource, query
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        name = try values.decode(String.self, forKey: .name)
        label = try values.decode(String.self, forKey: .label)
        type = try values.decode(String.self, forKey: .type)
        multi = try values.decodeIfPresent(Bool.self, forKey: .multi) ?? false
        includeAll = try values.decodeIfPresent(Bool.self, forKey: .includeAll) ?? false
        refresh = try values.decode(Int.self, forKey: .refresh)
        allValue = try values.decodeIfPresent(String.self, forKey: .allValue)
        datasource = try values.decodeIfPresent(Datasource.self, forKey: .datasource)
        query =
            try type == "query"
            ? values.decode(LabelQuery.self, forKey: .query).query
            : values.decode(String.self, forKey: .query)
    }
}

struct Datasource: Decodable, Equatable {
    let type: String
    let uid: String
}

struct Panel: Decodable {
    struct Place: Decodable {
        let h, w, x, y: Int
    }

    let id: Int
    let type: String
    let title: String
    let description: String?
    let gridPos: Place
    let datasource: Datasource?
    let targets: [Target]?
    let fieldConfig: FieldConfiguration?
    let transformations: [Transformation]?
    /// Of a row, whether it is folded, and then its panels.
    let collapsed: Bool?
    let panels: [Panel]?

    /// The links of the whole panel and of single columns.
    var dataLinks: [Link] {
        (fieldConfig?.defaults.links ?? []) + (fieldConfig?.overrides.flatMap(\.links) ?? [])
    }

    /// The columns that a table shows under another name, by that name.
    var renamed: [String: String] {
        transformations?.first { $0.id == "organize" }?.options.renameByName ?? [:]
    }
}

struct Target: Decodable {
    let refId: String
    let expr: String
    let legendFormat: String?
    private let format: String?
    private let instant: Bool?
    private let range: Bool?

    var isTable: Bool { format == "table" }
    var isInstant: Bool { instant == true }
    var isRange: Bool { range == true }
}

struct Transformation: Decodable {
    struct Options: Decodable {
        let excludeByName: [String: Bool]?
        let indexByName: [String: Int]?
        let renameByName: [String: String]?
    }

    let id: String
    let options: Options
}

/// A link to another dashboard.
struct Link: Decodable {
    let title: String
    let url: String
    let includeVars: Bool?
    let keepTime: Bool?
}

/// A query and its panel.
struct Query: CustomStringConvertible {
    let dashboard: Dashboard
    let panel: Panel
    let target: Target

    var promQL: PromQL { PromQL(target.expr) }

    func uses(_ metric: String) -> Bool {
        promQL.selectors.contains { $0.name == metric }
    }

    var description: String { "\(dashboard.uid), \(panel.title), \(target.refId): \(target.expr)" }
}

/// The files of the repository.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let dashboardNames = ["exporter", "fleet", "host", "module"]

    static func dashboardData(_ name: String) throws -> Data {
        try Data(contentsOf: root.appending(path: "dashboards/\(name).json"))
    }

    static func dashboard(_ name: String) throws -> Dashboard {
        try JSONDecoder().decode(Dashboard.self, from: dashboardData(name))
    }

    static func dashboards() throws -> [Dashboard] { try dashboardNames.map(dashboard) }

    /// An exposition of the kernel lab (`Tests/KernelLab/lab --record`, its step `tls`): Linux 6.12
    /// with kernel TLS in software and on a device.
    static let recordings = root.appending(path: "Tests/DashboardTests/Fixtures")
    static let kernelTLS = "kernel-tls.prom"
}
