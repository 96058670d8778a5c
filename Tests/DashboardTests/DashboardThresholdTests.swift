import Foundation
import Testing

/// A panel changes its color where an alert fires.
@Suite struct DashboardThresholdTests {
    /// Where an alert of `dashboards/alerts.yml` begins to fire, as it stands there, and the level
    /// that panels show for it: colors change at a level, and so for "more than none" at 1.
    private static let alerts: [String: (condition: String, level: Double)] = [
        "TCPAcceptQueueNearLimit": ("> 0.8", 0.8),
        "TCPAcceptQueueFull": ("> tcptable_listener_backlog_limit_connections", 1),
        "TCPCloseWaitHigh": (">= 100", 100),
        "TCPSynSentHigh": (">= 50", 50),
        "TCPSynRecvHigh": (">= 128", 128),
        "TCPFinWait2High": (">= 100", 100),
        "TCPEphemeralPortsLow": ("> 0.8", 0.8),
        "TCPEphemeralPortsExhausted": ("> 0.95", 0.95),
        "TCPKernelTLSInSoftware": ("> 0.5", 0.5),
        "TCPTableExporterDown": ("== 0", 1),
        "TCPTableExporterSlow": ("> 5", 5),
        "TCPTableCollectorFailing": ("== 0", 1),
        "TCPTableWebConfigurationRejected": ("== 0", 1),
        "TCPTableOwnersProtected": ("> 0.1", 0.1),
        "TCPTableModulesFolded": ("> 0", 1),
        "TCPTableOwnerCacheFull": ("> 0.9", 0.9),
    ]

    private static let queue = ["TCPAcceptQueueNearLimit", "TCPAcceptQueueFull"]
    private static let ports = ["TCPEphemeralPortsLow", "TCPEphemeralPortsExhausted"]

    /// The alerts whose thresholds panels and columns show, by title. All others have no threshold.
    private static let shown: [String: [String]] = [
        "Exporters down": ["TCPTableExporterDown"], "Exporter": ["TCPTableExporterDown"],
        "Failing collectors": ["TCPTableCollectorFailing"],
        "Collectors": ["TCPTableCollectorFailing"],
        "Web configuration": ["TCPTableWebConfigurationRejected"],
        "Modules over the limit": ["TCPTableModulesFolded"],
        "Fullest accept queue": queue, "Accept queue usage by host": queue,
        "Usage": queue, "Accept queue usage": queue,
        "Highest close_wait": ["TCPCloseWaitHigh"], "close_wait": ["TCPCloseWaitHigh"],
        "Highest syn_sent": ["TCPSynSentHigh"], "syn_sent": ["TCPSynSentHigh"],
        "Half-open (syn_recv)": ["TCPSynRecvHigh"], "syn_recv": ["TCPSynRecvHigh"],
        "Highest fin_wait2": ["TCPFinWait2High"], "fin_wait2": ["TCPFinWait2High"],
        "Ephemeral port usage": ports,
        "Hidden owners": ["TCPTableOwnersProtected"],
        "Hidden owners by host": ["TCPTableOwnersProtected"],
        "Kernel TLS in software": ["TCPKernelTLSInSoftware"],
        "Scrape duration": ["TCPTableExporterSlow"],
        "Owner cache usage": ["TCPTableOwnerCacheFull"],
    ]

    /// Levels without an alert of their own: any firing alert, and 80 % of the file descriptors.
    private static let others: [String: [Double]] = [
        "Firing alerts": [1], "File descriptors": [0.8],
    ]

    private static func levels(of title: String) -> [Double] {
        shown[title].map { $0.compactMap { alerts[$0]?.level } } ?? others[title] ?? []
    }

    @Test(arguments: Repository.dashboardNames)
    func thresholdsAreThoseOfTheAlerts(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown {
            let fields = try #require(panel.fieldConfig)
            let expected = panel.type == "table" ? [] : Self.levels(of: panel.title)
            #expect(fields.defaults.thresholds?.levels ?? [] == expected, "\(panel.title)")
            for column in fields.overrides {
                guard let thresholds = column.thresholds else { continue }
                let title = column.matcher.options
                #expect(thresholds.levels == Self.levels(of: title), "\(panel.title), \(title)")
            }
        }
    }

    private static let alertsFile = Repository.root.appending(path: "dashboards/alerts.yml")

    /// Needs the file of alerts, without which dashboards have the same thresholds.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: alertsFile.path)))
    func theAlertsFireWhereThePanelsSay() throws {
        let rules = try String(contentsOf: Self.alertsFile, encoding: .utf8)
            .components(separatedBy: "- alert: ").dropFirst()
        let expressions = rules.reduce(into: [String: String]()) { found, rule in
            let name = rule.prefix { $0 != "\n" }
            let expression = rule.firstMatch(of: /expr:([\s\S]*?)\n +(?:for|labels):/)
            found[String(name)] = expression.map { String($0.1) }
        }
        for (name, alert) in Self.alerts {
            let expression = try #require(expressions[name], "\(name)")
            let words =
                expression.split(whereSeparator: \.isWhitespace).joined(separator: " ") + " "
            #expect(words.contains("\(alert.condition) "), "\(name)")
        }
    }

    /// From green on: below the first level nothing is wrong. "up" and "ok" count the other way.
    @Test(arguments: Repository.dashboardNames)
    func valuesBelowAllThresholdsAreGreen(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown {
            let steps = panel.fieldConfig?.defaults.thresholds?.steps ?? []
            let counted = ["Exporter", "Collectors", "Web configuration"].contains(panel.title)
            let expected = counted ? "red" : "green"
            #expect(steps.isEmpty || steps[0].color == expected, "\(panel.title)")
            #expect(steps.isEmpty || steps[0].value == nil, "\(panel.title)")
            #expect(steps.compactMap(\.value) == steps.compactMap(\.value).sorted())
        }
    }
}
