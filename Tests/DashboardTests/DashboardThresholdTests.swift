import Testing

/// A panel changes its color where an alert fires.
@Suite struct DashboardThresholdTests {
    /// The levels of `dashboards/alerts.yml`, by the titles of panels and columns. What is not here has
    /// no threshold.
    private static let levels: [String: [Double]] = [
        // Any alert, any exporter that does not answer, any collector that fails.
        "Alerts": [1], "Exporters down": [1], "Exporter": [1], "Collectors failing": [1],
        "Failing collectors": [1], "Collectors": [1], "Modules folded": [1],
        // TCPAcceptQueueNearLimit, TCPAcceptQueueFull.
        "Fullest accept queue": [0.8, 1], "Fullest accept queue by host": [0.8, 1],
        "Of the limit": [0.8, 1], "Accept queues, of their limits": [0.8, 1],
        // TCPCloseWaitHigh.
        "Largest close_wait": [100], "Leaks: close_wait": [100], "close_wait": [100],
        // TCPSynSentHigh, TCPSynRecvHigh, TCPFinWait2High.
        "Largest syn_sent": [50], "Unanswered: syn_sent": [50], "syn_sent": [50],
        "Half open: syn_recv": [128], "syn_recv": [128],
        "Largest fin_wait2": [100], "Waiting for the other side: fin_wait2": [100],
        "fin_wait2": [100],
        // TCPEphemeralPortsLow, TCPEphemeralPortsExhausted.
        "Ephemeral ports": [0.8, 0.95], "Ephemeral ports in use": [0.8, 0.95],
        "Ephemeral ports, of the range": [0.8, 0.95],
        // TCPTableOwnersProtected.
        "Owners hidden": [0.1], "Owners hidden by host": [0.1],
        // TCPKernelTLSInSoftware.
        "Kernel TLS left to software": [0.5],
        // TCPTableExporterSlow, TCPTableOwnerCacheFull.
        "Scrape duration": [5], "Scrape": [5], "Remembered owners": [0.9],
        // No alert: a program at four fifths of its descriptors will soon have none.
        "Descriptors": [0.8],
    ]

    @Test(arguments: Repository.dashboardNames)
    func thresholdsAreThoseOfTheAlerts(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown {
            let fields = try #require(panel.fieldConfig)
            let levels = fields.defaults.thresholds?.levels ?? []
            #expect(levels == Self.levels[panel.title, default: []] || panel.type == "table")
            for column in fields.overrides {
                guard let thresholds = column.thresholds else { continue }
                let title = column.matcher.options
                #expect(thresholds.levels == Self.levels[title], "\(panel.title), \(title)")
            }
        }
    }

    /// From green on: below the first level nothing is wrong. "up" and "ok" count the other way.
    @Test(arguments: Repository.dashboardNames)
    func whatIsBelowAllLevelsIsGreen(_ name: String) throws {
        for panel in try Repository.dashboard(name).shown {
            let steps = panel.fieldConfig?.defaults.thresholds?.steps ?? []
            let expected = ["Exporter", "Collectors"].contains(panel.title) ? "red" : "green"
            #expect(steps.isEmpty || steps[0].color == expected, "\(panel.title)")
            #expect(steps.isEmpty || steps[0].value == nil, "\(panel.title)")
            #expect(steps.compactMap(\.value) == steps.compactMap(\.value).sorted())
        }
    }
}
