import Foundation
import TestSupport

/// A Prometheus that scrapes hosts in the calling thread's network namespace: `live`, with the
/// sockets of that namespace; `spaces`, the same and all other namespaces of the machine;
/// `recorded`, an exposition of the kernel lab that is served as it is, again and again; `dead`,
/// which does not answer. Another job scrapes Prometheus itself, as an instance `live` too. Records are
/// made every second.
final class DashboardPrometheus {
    private let directory: TemporaryDirectory
    private let exporters: [ChildProcess]
    private let recording: ChildProcess
    private let prometheus: RunningPrometheus

    /// Starts all of it, and returns when each host that answers has been scraped a few times.
    init() throws {
        directory = try TemporaryDirectory()
        let web = try directory.write("", to: "web.yml")
        let map = try directory.write(Self.map, to: "map.yml")
        let options = [Self.peer, "--collector.module.map=\(map)"]
        let exporter = builtCommand("tcptable_exporter")
        exporters = [
            try ChildProcess(
                exporter,
                ["--web.listen-address=127.0.0.1:39093", "--web.config.file=\(web)"] + options),
            try ChildProcess(
                exporter,
                ["--web.listen-address=127.0.0.1:39094", "--collector.netns=all"] + options),
        ]
        recording = try ChildProcess(
            "python3",
            [
                "-u", "-m", "http.server", "39092", "--bind", "127.0.0.1",
                "--directory", Repository.recordings.path,
            ])
        let records = try RulesTimeLapse.text(of: RulesFile.records, dividedBy: 60)
        prometheus = try RunningPrometheus(
            configuration: Self.configuration,
            files: ["alert.yml": Self.alert, "records.yml": records])
        try awaitScrapes()
    }

    private static let peer = "--collector.peer=loopback=127.0.0.0/8"

    /// What Python's programs are called: with slashes and dots, like containers of Kubernetes.
    static let module = "k8s-shop/api-5d9.x/api"

    private static let map = """
        rules:
          - name: \(module)
            executable: .*/python[^/]*
        """

    private static let configuration = """
        global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
        rule_files: [alert.yml, records.yml]
        scrape_configs:
          - job_name: tcptable
            static_configs:
              - { targets: ["127.0.0.1:39093"], labels: { instance: live } }
              - { targets: ["127.0.0.1:39094"], labels: { instance: spaces } }
              - { targets: ["127.0.0.1:1"], labels: { instance: dead } }
          - job_name: recordings
            metrics_path: /\(Repository.kernelTLS)
            static_configs:
              - { targets: ["127.0.0.1:39092"], labels: { instance: recorded } }
          - job_name: prometheus
            static_configs:
              - { targets: ["\(RunningPrometheus.address)"], labels: { instance: live } }
        """

    /// An alert that fires at once, as panels show which alerts do.
    private static let alert = """
        groups:
          - name: test
            rules:
              - alert: TCPCloseWaitHigh
                expr: tcptable_module_connections{state="close_wait"} >= 1
                labels: { severity: warning }
        """

    private func awaitScrapes() throws {
        let done = """
            count(count_over_time(up[1m]) >= 4 and up == 1) == 4 and on () ALERTS
            and on () state:tcptable_connections:sum
            and on () instance:tcptable_listener_dropped_connections:rate5m{instance="live"}
            """
        _ = try prometheus.awaited("three hosts", within: .seconds(90)) {
            try values(of: done).first
        }
    }

    /// The current values of a query.
    func values(of query: String) throws -> [String] {
        let answer = try prometheus.data(of: "query", ["query=\(query)"])
        return (answer as? [String: Any]).map { Self.samples($0, "value") } ?? []
    }

    /// The values of a query in the last seconds.
    func recentValues(of query: String) throws -> [String] {
        let now = Date().timeIntervalSince1970
        let answer = try prometheus.data(
            of: "query_range", ["query=\(query)", "start=\(now - 2)", "end=\(now)", "step=1"])
        return (answer as? [String: Any]).map { Self.samples($0, "values") } ?? []
    }

    /// The values of a label, as Grafana finds those of a variable.
    func values(ofLabel label: String, _ selector: String) throws -> [String] {
        try prometheus.data(of: "label/\(label)/values", ["match[]=\(selector)"]) as? [String] ?? []
    }

    private static func samples(_ data: [String: Any], _ key: String) -> [String] {
        let series = data["result"] as? [[String: Any]] ?? []
        return series.flatMap { one -> [String] in
            let pairs = one[key] as? [[Any]] ?? (one[key] as? [Any]).map { [$0] } ?? []
            return pairs.compactMap { $0.last as? String }
        }
    }
}
