import Foundation
import TestSupport
import Testing

/// Every query of the dashboards, evaluated by a Prometheus with matching load.
@Suite(
    .slow, .serialized, .thread(.load), .requires(.prometheus), .requires(.curl),
    .requires(.tool("python3")), .requires(.networkNamespaces))
struct DashboardPrometheusTests {
    /// A program that leaks CLOSE_WAIT, lets an accept queue of 16 fill beyond it, has more connection
    /// attempts to it than connections, and bytes that nobody reads in both queues.
    private static let illProgram = """
        import socket, sys
        def listen(backlog):
            listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
            return listener, listener.getsockname()
        full, address = listen(16)
        waiting = [socket.create_connection(address) for _ in range(17)]
        attempts = [socket.socket() for _ in range(50)]
        for attempt in attempts:
            attempt.setblocking(False)
            attempt.connect_ex(address)
        listener, address = listen(16)
        leaked = []
        for _ in range(20):
            client = socket.create_connection(address)
            leaked.append(listener.accept()[0])
            client.close()
        writer = socket.create_connection(address)
        reader = listener.accept()[0]
        writer.setblocking(False)
        try:
            while True: writer.send(bytes(65536))
        except BlockingIOError:
            print("ready", flush=True)
        sys.stdin.read()
        """

    /// Sockets in each state and of both families, and a faulty program.
    private static func underLoad(_ body: (DashboardPrometheus) throws -> Void) throws {
        try inNewNetworkNamespace {
            let held = try SocketScenario.allCases.flatMap { scenario in
                try [SocketFamily.ipv4, .ipv6].map { try HeldSockets(scenario, $0) }
            }
            defer { for sockets in held { sockets.close() } }
            let program = try ChildProcess("python3", ["-c", illProgram])
            try program.awaitOutput("ready", within: .seconds(30))
            try body(try DashboardPrometheus())
            program.endInput()
        }
    }

    /// Whether a query is about what only a kernel with kernel TLS in use has.
    private static func needsKernelTLS(_ query: Query) -> Bool {
        query.promQL.selectors.contains {
            $0.name.hasPrefix("tcptable_tls_") || $0.name == "tcptable_module_offload_connections"
        }
    }

    /// Each query twice: of the one host that has the load, and of all hosts at once, where joins
    /// have more to confuse. What a person would have to choose (Grafana takes the first) is all
    /// there is. Values of 0 that a query leaves out, as nothing is wrong then, are data.
    @Test func everyQueryOfAPanelHasData() throws {
        try Self.underLoad { prometheus in
            let modules = try prometheus.values(ofLabel: "module", "tcptable_module_info")
            #expect(modules.contains(DashboardPrometheus.module))
            let hosts = try prometheus.values(ofLabel: "instance", "tcptable_exporter_build_info")
            #expect(hosts == ["live", "recorded", "spaces"])
            for query in try Repository.dashboards().flatMap(\.queries) {
                let host = Self.needsKernelTLS(query) ? "recorded" : "live"
                let expression = query.target.expr.replacing(" > 0", with: "")
                for chosen in [[host], hosts] {
                    let substitution = Substitution(chosen: [
                        "job": Self.jobs, "instance": chosen, "module": modules,
                    ])
                    let text = substitution.expand(expression, of: query.dashboard)
                    let values =
                        try query.target.isRange
                        ? prometheus.recentValues(of: text) : prometheus.values(of: text)
                    #expect(!values.isEmpty, "no data on \(chosen): \(query)")
                    #expect(!values.contains("NaN"), "0 / 0 on \(chosen): \(query)")
                }
            }
        }
    }

    private static let jobs = ["recordings", "tcptable"]

    /// Exporters restart, and every graph says when.
    @Test func everyAnnotationHasData() throws {
        try Self.underLoad { prometheus in
            for dashboard in try Repository.dashboards() {
                for annotation in dashboard.annotations.list {
                    let chosen = Substitution(chosen: ["job": Self.jobs, "instance": ["live"]])
                    let text = chosen.expand(annotation.expr, of: dashboard)
                    let times = try prometheus.values(of: text).compactMap(Double.init)
                    let age = Date().timeIntervalSince1970 - (times.first ?? 0) / 1000
                    #expect(times.count == 1 && age > 0 && age < 3600, "\(dashboard.uid): \(times)")
                }
            }
        }
    }

    /// What another job scrapes is no host, even if its instance has a host's name.
    @Test func otherJobsAreNotCounted() throws {
        try Self.underLoad { prometheus in
            let jobs = Substitution(chosen: ["job": Self.jobs, "instance": ["live"]])
            let fleet = try Repository.dashboard("fleet")
            let hosts = try #require(fleet.queries.first { $0.panel.title == "Hosts" })
            let count = try prometheus.values(of: jobs.expand(hosts.target.expr, of: fleet))
            #expect(count == ["4"])
            let exporter = try Repository.dashboard("exporter")
            let memory = try #require(exporter.queries.first { $0.panel.title == "Memory" })
            let text = jobs.expand(memory.target.expr, of: exporter)
            #expect(try prometheus.values(of: "count(\(text))") == ["1"])
            #expect(try prometheus.values(of: "count(up{instance=\"live\"})") == ["2"])
        }
    }

    /// Names of containers have slashes, which Grafana does not escape, and dots, which it does.
    @Test func aModuleWithSlashesInItsNameIsChosenAlone() throws {
        try Self.underLoad { prometheus in
            let dashboard = try Repository.dashboard("module")
            let query = "sum by (module) (tcptable_module_connections{module=~\"$module\"}) > 0"
            let chosen = { (modules: [String]) in
                let text = Substitution(chosen: ["module": modules]).expand(query, of: dashboard)
                return try prometheus.values(of: "count(\(text))")
            }
            let module = DashboardPrometheus.module
            #expect(try chosen([module]) == ["1"])
            #expect(try chosen([module, "k8s-shop/none"]) == ["1"])
            #expect(try chosen([module.replacing(".", with: "-")]) == [])
        }
    }

    @Test func everyVariableHasValues() throws {
        try Self.underLoad { prometheus in
            for dashboard in try Repository.dashboards() {
                for variable in dashboard.variables where variable.type == "query" {
                    let question = try #require(LabelValues(variable.query))
                    let selector = Substitution(chosen: [:]).expand(
                        question.selector, of: dashboard)
                    let values = try prometheus.values(ofLabel: question.label, selector)
                    #expect(!values.isEmpty, "\(dashboard.uid), \(variable.name)")
                }
            }
        }
    }

    /// The first row of each dashboard shows the problems of a faulty program.
    @Test func theFirstRowShowsProblems() throws {
        try Self.underLoad { prometheus in
            let program = Substitution(chosen: [
                "job": Self.jobs, "instance": ["live"],
                "module": [DashboardPrometheus.module],
            ])
            let fleet = try Repository.dashboard("fleet")
            let down = try #require(fleet.queries.first { $0.panel.title == "Exporters down" })
            let all = Substitution(chosen: ["job": Self.jobs]).expand(
                down.target.expr, of: fleet)
            #expect(try prometheus.values(of: all) == ["1"])
            for dashboard in try ["fleet", "host", "module"].map(Repository.dashboard) {
                let value = { (title: String) in
                    let query = try #require(dashboard.queries.first { $0.panel.title == title })
                    let text = program.expand(query.target.expr, of: dashboard)
                    return try prometheus.values(of: text).compactMap(Double.init)
                }
                #expect(try value("Fullest accept queue") == [17.0 / 16], "\(dashboard.uid)")
                #expect(try value("Highest close_wait") == [20], "\(dashboard.uid)")
                #expect(try value("Firing alerts").allSatisfy { $0 >= 1 }, "\(dashboard.uid)")
            }
        }
    }
}
