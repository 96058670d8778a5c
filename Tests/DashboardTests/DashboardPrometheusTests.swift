import Foundation
import TestSupport
import Testing

/// Every query of the dashboards, evaluated by a Prometheus with matching load.
@Suite(
    .slow, .serialized, .requires(.prometheus), .requires(.curl), .requires(.tool("python3")),
    .requires(.networkNamespaces))
struct DashboardPrometheusTests {
    /// A program that leaks CLOSE_WAIT, lets an accept queue of 1 fill beyond it, and has bytes
    /// that nobody reads in both queues.
    private static let illProgram = """
        import socket, sys
        def listen(backlog):
            listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
            return listener, listener.getsockname()
        full, address = listen(1)
        waiting = [socket.create_connection(address) for _ in range(2)]
        listener, address = listen(16)
        leaked = []
        for _ in range(5):
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
    /// there is.
    @Test func everyQueryOfAPanelHasData() throws {
        try Self.underLoad { prometheus in
            let modules = try prometheus.values(ofLabel: "module", "tcptable_module_info")
            #expect(modules.contains(DashboardPrometheus.module))
            let hosts = try prometheus.values(ofLabel: "instance", "tcptable_exporter_build_info")
            #expect(hosts == ["live", "recorded", "spaces"])
            for query in try Repository.dashboards().flatMap(\.queries) {
                let host = Self.needsKernelTLS(query) ? "recorded" : "live"
                for chosen in [[host], hosts] {
                    let substitution = Substitution(chosen: [
                        "instance": chosen, "module": modules,
                    ])
                    let text = substitution.expand(query.target.expr, of: query.dashboard)
                    let values =
                        try query.target.range
                        ? prometheus.recentValues(of: text) : prometheus.values(of: text)
                    #expect(!values.isEmpty, "no data on \(chosen): \(query)")
                    #expect(!values.contains("NaN"), "0 / 0 on \(chosen): \(query)")
                }
            }
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
                "instance": ["live"],
                "module": [DashboardPrometheus.module],
            ])
            let fleet = try Repository.dashboard("fleet")
            let down = try #require(fleet.queries.first { $0.panel.title == "Exporters down" })
            let all = Substitution(chosen: [:]).expand(down.target.expr, of: fleet)
            #expect(try prometheus.values(of: all) == ["1"])
            for dashboard in try Repository.dashboards() {
                let value = { (title: String) in
                    let query = try #require(dashboard.queries.first { $0.panel.title == title })
                    let text = program.expand(query.target.expr, of: dashboard)
                    return try prometheus.values(of: text).compactMap(Double.init)
                }
                #expect(try value("Fullest accept queue") == [2], "\(dashboard.uid)")
                #expect(try value("Highest close_wait") == [5], "\(dashboard.uid)")
                #expect(try value("Firing alerts").allSatisfy { $0 >= 1 }, "\(dashboard.uid)")
            }
        }
    }
}
