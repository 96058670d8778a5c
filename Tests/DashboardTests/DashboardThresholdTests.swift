import Foundation
import Testing

/// A panel changes its color where an alert fires.
@Suite struct DashboardThresholdTests {
    /// Where an alert, or a record that alerts are about, begins, as it stands in the files, and the
    /// level that panels show for it: colors change at a level, and so for "more than none" at 1.
    private static let alerts: [String: (condition: String, level: Double)] = [
        "listener:tcptable_listener_backlog_connections:ratio": ("> 0.8", 0.8),
        "TCPAcceptQueueFull": ("> 1)", 1),
        // 10 handshakes in 2 minutes; panels show them per second.
        "listener:tcptable_listener_dropped_connections:increase2m": (">= 10", 0.1),
        "TCPCloseWaitHigh": (">= 100", 100),
        "TCPSynSentHigh": (">= 50", 50),
        "TCPFinWait2High": (">= 100", 100),
        "TCPEphemeralPortsLow": ("> 0.8", 0.8),
        "TCPKernelTLSInSoftware": ("> 0.5", 0.5),
        "TCPTableExporterDown": ("== 0", 1),
        "TCPTableExporterSlow": ("> 5", 5),
        "TCPTableCollectorFailing": ("== 0", 1),
        "TCPTableOwnersProtected": ("> 0.1", 0.1),
        "TCPTableModulesFolded": ("> 0", 1),
        "TCPTableOwnerCacheFull": ("> 0.9", 0.9),
    ]

    private static let queue = [
        "listener:tcptable_listener_backlog_connections:ratio", "TCPAcceptQueueFull",
    ]
    private static let drops = ["listener:tcptable_listener_dropped_connections:increase2m"]

    /// The alerts whose thresholds panels and columns show, by title. All others have no threshold.
    private static let shown: [String: [String]] = [
        "Exporters down": ["TCPTableExporterDown"],
        "Failing collectors": ["TCPTableCollectorFailing"],
        "Over the limits": ["TCPTableModulesFolded"],
        "Modules and listeners over the limits": ["TCPTableModulesFolded"],
        "Fullest accept queue": queue, "Accept queue usage by host": queue, "Accept queue": queue,
        "Usage": queue, "Accept queue usage": queue,
        "Highest close_wait": ["TCPCloseWaitHigh"], "close_wait": ["TCPCloseWaitHigh"],
        "Highest syn_sent": ["TCPSynSentHigh"], "syn_sent": ["TCPSynSentHigh"],
        "Highest close_wait by host": ["TCPCloseWaitHigh"],
        "Highest syn_sent by host": ["TCPSynSentHigh"],
        "Full sockets": ["TCPAcceptQueueFull"],
        "Dropped connections": drops, "Dropped connections by host": drops, "Dropped": drops,
        "Highest fin_wait2": ["TCPFinWait2High"], "fin_wait2": ["TCPFinWait2High"],
        "Ephemeral port usage": ["TCPEphemeralPortsLow"],
        "Ephemeral port usage by host": ["TCPEphemeralPortsLow"],
        "Ephemeral ports": ["TCPEphemeralPortsLow"],
        "Hidden owners": ["TCPTableOwnersProtected"],
        "Hidden owners by host": ["TCPTableOwnersProtected"],
        "Kernel TLS in software": ["TCPKernelTLSInSoftware"],
        "Scrape duration": ["TCPTableExporterSlow"],
        "Scrape duration by collector": ["TCPTableExporterSlow"],
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
            // The graph of all ephemeral ports counts them; the column of that name has the usage.
            let isPlain = panel.type == "table" || panel.title == "Ephemeral ports"
            let expected = isPlain ? [] : Self.levels(of: panel.title)
            #expect(fields.defaults.thresholds?.levels ?? [] == expected, "\(panel.title)")
            for column in fields.overrides {
                guard let thresholds = column.thresholds else { continue }
                let title = column.matcher.options
                #expect(thresholds.levels == Self.levels(of: title), "\(panel.title), \(title)")
            }
        }
    }

    @Test func theAlertsFireWhereThePanelsSay() throws {
        let rules = try RulesFile.alerts.flatMap { try RulesFile($0).rules }
        let expressions = Dictionary(uniqueKeysWithValues: rules.map { ($0.name, $0.expression) })
        for (name, alert) in Self.alerts {
            let expression = try #require(expressions[name], "\(name)")
            let words =
                expression.split(whereSeparator: \.isWhitespace).joined(separator: " ") + " "
            #expect(words.contains("\(alert.condition) "), "\(name)")
        }
    }

    /// From green on: below the first level nothing is wrong.
    @Test(arguments: Repository.dashboardNames)
    func valuesBelowAllThresholdsAreGreen(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown {
            let steps = panel.fieldConfig?.defaults.thresholds?.steps ?? []
            #expect(steps.count < 2 || steps[0].color == "green", "\(panel.title)")
            #expect(steps.isEmpty || steps[0].value == nil, "\(panel.title)")
            #expect(steps.compactMap(\.value) == steps.compactMap(\.value).sorted())
        }
    }
}
