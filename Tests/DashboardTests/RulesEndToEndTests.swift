import Foundation
import TestSupport
import Testing

/// From sockets to Alertmanager: the exporter, Prometheus with the rules of this repository and
/// Alertmanager with its configuration, in a namespace of their own and a hundred times as fast.
@Suite(
    .slow, .thread(.load), .requires(.prometheus), .requires(.tool("prometheus-alertmanager")),
    .requires(.curl), .requires(.networkNamespaces), .requires(.tool("python3")))
struct RulesEndToEndTests {
    @Test func alertsReachAlertmanagerWhileProgramsFailAndEndWhenTheyDoNot() throws {
        try inNewNetworkNamespace {
            let stage = try AlertStage()
            let leaky = try FaultyProgram("leak", named: "leaky-app")
            let stuck = try FaultyProgram("clog", named: "stuck-app")
            let expected: Set = [
                "TCPCloseWaitLeak \(try leaky.module())", "TCPCloseWaitHigh \(try leaky.module())",
                "TCPAcceptQueueFull \(try stuck.module())",
            ]
            try stage.awaitAlerts(expected)
            try expectWhole(try stage.alertmanager.alerts())
            try leaky.mend()
            try stuck.mend()
            try stage.awaitAlerts([])
            #expect(leaky.isRunning && stuck.isRunning)
        }
    }

    /// What a person gets who is woken by them.
    private func expectWhole(_ alerts: [RunningAlertmanager.Alert]) throws {
        for alert in alerts where alert.labels["module"] != nil {
            #expect(alert.labels["job"] == "tcptable", "\(alert)")
            #expect(alert.labels["instance"] == AlertStage.exporterAddress, "\(alert)")
            #expect(alert.annotations["description"]?.contains("tcptable --") == true, "\(alert)")
            let isLess = alert.name == "TCPCloseWaitHigh"
            #expect(alert.state == (isLess ? "suppressed" : "active"), "\(alert)")
        }
        let leak = alerts.first { $0.name == "TCPCloseWaitLeak" }
        #expect(leak?.labels["severity"] == "warning" && leak?.labels["state"] == "close_wait")
        let full = alerts.first { $0.name == "TCPAcceptQueueFull" }
        #expect(full?.labels["severity"] == "critical" && full?.labels["address"] == "127.0.0.1")
    }
}

/// The exporter, Prometheus and Alertmanager.
private struct AlertStage {
    static let exporterAddress = "127.0.0.1:10793"
    /// 15 minutes are 9 seconds then, with a scrape in each.
    private static let factor = 100

    let alertmanager: RunningAlertmanager
    private let exporter: ChildProcess
    private let prometheus: RunningPrometheus

    init() throws {
        let file = RulesFile.root.appending(path: "dashboards/alertmanager.yml")
        alertmanager = try RunningAlertmanager(
            configuration: try String(contentsOf: file, encoding: .utf8))
        exporter = try ChildProcess(
            builtCommand("tcptable_exporter"), ["--web.listen-address=\(Self.exporterAddress)"])
        var files: [String: String] = [:]
        for name in ["alerts.yml", "rules.yml"] {
            files[name] = try RulesTimeLapse.text(of: "dashboards/\(name)", dividedBy: Self.factor)
        }
        prometheus = try RunningPrometheus(configuration: Self.configuration, files: files)
    }

    private static let configuration = """
        global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 250ms }
        rule_files: [alerts.yml, rules.yml]
        alerting:
          alertmanagers:
            - static_configs: [{ targets: ["\(RunningAlertmanager.address)"] }]
        scrape_configs:
          - job_name: tcptable
            static_configs: [{ targets: ["\(exporterAddress)"] }]
        """

    /// Waits until the alerts that name a module are these, each as its name and module.
    func awaitAlerts(_ expected: Set<String>) throws {
        var last: Set<String> = []
        do {
            _ = try prometheus.awaited("alerts", within: .seconds(120)) {
                last = Set(
                    try alertmanager.alerts().compactMap { alert in
                        alert.labels["module"].map { "\(alert.name) \($0)" }
                    })
                return last == expected ? true : nil
            }
        } catch {
            Issue.record("expected \(expected), got \(last)")
            throw error
        }
    }
}

/// `tcptable_leaker` by another name, which is its module's where no service or container is.
private final class FaultyProgram {
    private let directory: TemporaryDirectory
    private let child: ChildProcess

    init(_ fault: String, named name: String) throws {
        directory = try TemporaryDirectory()
        let path = "\(directory.path)/\(name)"
        try copyExecutable(testProgram("tcptable_leaker"), to: path)
        child = try ChildProcess(path, [fault])
        try child.awaitOutput("ready")
    }

    var isRunning: Bool { kill(child.processID, 0) == 0 }

    /// Whose the listing says that its listener is.
    func module() throws -> String {
        let result = try run(
            builtCommand("tcptable"), ["--json", "--listening", "--pid", "\(child.processID)"])
        let line = Data(result.standardOutput.prefix { $0 != "\n" }.utf8)
        let row = try JSONSerialization.jsonObject(with: line) as? [String: Any]
        return try #require(row?["module"] as? String, "\(result)")
    }

    func mend() throws {
        child.send(SIGUSR1)
        try child.awaitOutput("mended")
    }
}
