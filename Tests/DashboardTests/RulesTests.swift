import Foundation
import TestSupport
import Testing

/// Alert rules, recording rules and configurations, by promtool and by reading them.
struct RulesTests {
    private static let fixtures = "Tests/DashboardTests/Fixtures"
    private static let cases = "\(fixtures)/alerts-test.yml"
    private static let files = RulesFile.alerts + [RulesFile.records]

    private static func alerts() throws -> [Rule] {
        try RulesFile.alerts.flatMap { try RulesFile($0).rules }.filter(\.isAlert)
    }

    @Test(
        .requires(.promtool),
        arguments: files.map { ["check", "rules", "--lint-fatal", $0] } + [
            ["check", "config", "dashboards/prometheus.yml"], ["test", "rules", cases],
            ["test", "rules", "\(fixtures)/rules-test.yml"],
            ["test", "rules", "\(fixtures)/ordinary-host-test.yml"],
        ])
    func promtoolAcceptsIt(_ arguments: [String]) throws {
        let paths = arguments.map { word in
            word.hasSuffix(".yml") ? RulesFile.root.appending(path: word).path : word
        }
        let result = try run("promtool", paths, timeout: .seconds(300))
        #expect(
            result.status == .exited(0), "\(result.standardOutput)\(result.standardError)")
    }

    @Test(.requires(.tool("amtool"))) func amtoolAcceptsIt() throws {
        let file = RulesFile.root.appending(path: "dashboards/alertmanager.yml")
        let result = try run("amtool", ["check-config", file.path])
        #expect(
            result.status == .exited(0), "\(result.standardOutput)\(result.standardError)")
    }

    /// Promtool's count tells that the plain reader of these tests misses no rule.
    @Test(.requires(.promtool), arguments: files)
    func everyRuleIsRead(_ path: String) throws {
        let count = try RulesFile(path).rules.count
        let file = RulesFile.root.appending(path: path).path
        let said = try run("promtool", ["check", "rules", file]).standardOutput
        #expect(said.contains("SUCCESS: \(count) rules found"), "\(count): \(said)")
        #expect(Set(try RulesFile(path).rules.map(\.name)).count == count)
    }

    /// A summary is a heading that does not change while an alert fires; values are in the description,
    /// which ends with a command.
    @Test func everyAlertIsWhole() throws {
        for alert in try Self.alerts() {
            #expect(alert.name.hasPrefix("TCP"), "\(alert.name)")
            #expect(!alert.comment.isEmpty, "\(alert.name): no reason for its threshold")
            #expect(alert.hold.contains(/^[1-9][0-9]*[mh]$/), "\(alert.name): for \(alert.hold)")
            #expect(["critical", "warning", "info"].contains(alert.severity), "\(alert.name)")
            #expect(alert.summary.hasSuffix(".") && !alert.summary.contains("{{"), "\(alert.name)")
            #expect(alert.description.contains("{{ $labels."), "\(alert.name)")
        }
    }

    @Test func oneAlertWakesSomebody() throws {
        let critical = try Self.alerts().filter { $0.severity == "critical" }
        #expect(critical.map(\.name) == ["TCPAcceptQueueFull"])
    }

    /// Each alert has a section, and each section an alert; GitHub, GitLab and Forgejo make the anchor
    /// of a heading of one word by writing it small.
    @Test func everyAlertHasASectionOfTheRunbook() throws {
        let path = "dashboards/RUNBOOK.md"
        let text = try String(
            contentsOf: RulesFile.root.appending(path: path), encoding: .utf8)
        let sections = text.components(separatedBy: "\n### ").dropFirst()
        let names = sections.map { String($0.prefix { $0 != "\n" }) }
        let alerts = try Self.alerts()
        #expect(names.sorted() == alerts.map(\.name).sorted())
        for alert in alerts {
            #expect(alert.runbook == "\(path)#\(alert.name.lowercased())", "\(alert.name)")
        }
        for section in sections {
            let parts = section.matches(of: /\n\*\*([A-Za-z ]+)\.\*\*/).map { String($0.1) }
            let expected = ["Meaning", "Confirm", "First commands", "Usual causes"]
            #expect(parts == expected, "\(section.prefix(40))")
            #expect(section.contains("**First commands.**\n\n```sh\n"), "\(section.prefix(40))")
        }
    }

    /// Whoever comes from Grafana finds the alert in the table at the top.
    @Test func theRunbookListsAlertsBySeverity() throws {
        let file = RulesFile.root.appending(path: "dashboards/RUNBOOK.md")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        for severity in ["critical", "warning", "info"] {
            let line = try #require(lines.first { $0.hasPrefix("| \(severity) |") })
            let listed = line.matches(of: /\[(\w+)\]\(#(\w+)\)/)
            #expect(listed.allSatisfy { $0.1.lowercased() == $0.2 })
            let alerts = try Self.alerts().filter { $0.severity == severity }
            #expect(listed.map { String($0.1) }.sorted() == alerts.map(\.name).sorted())
        }
    }

    /// What is given where there is a module goes to the dashboard of modules.
    @Test func everyAlertLinksToADashboardWithItsVariables() throws {
        let ofModule = /{{ with \$labels\.module }}.*?{{ end }}/
        for alert in try Self.alerts() {
            let uids = alert.dashboard.matches(of: /(?:tcptable-|}})(exporter|fleet|host|module)\b/)
            #expect(!uids.isEmpty && alert.dashboard.hasPrefix("/d/tcptable-"), "\(alert.name)")
            for uid in uids {
                let variables = try Repository.dashboard(String(uid.1)).variables.map(\.name)
                let given =
                    uid.1 == "module"
                    ? alert.dashboard : alert.dashboard.replacing(ofModule, with: "")
                let names = given.matches(of: /var-([a-z]+)=/).map { String($0.1) }
                #expect(Set(names).isSubset(of: variables), "\(alert.name)")
            }
        }
    }

    @Test func everyAlertHasACaseThatFiresAndOneThatIsSilent() throws {
        let cases = try RulesCase.all(in: Self.cases)
        let alerts = try Self.alerts()
        for alert in alerts {
            let metrics = try Self.metricsRead(by: alert)
            // A case without the alert's own series would always be silent.
            let own = cases.filter { one in
                one.name.hasPrefix("\(alert.name) ") && !metrics.isDisjoint(with: one.metrics)
            }
            #expect(own.contains { $0.fires }, "\(alert.name)")
            #expect(own.contains { !$0.fires }, "\(alert.name)")
            #expect(own.allSatisfy { $0.speaks(of: alert.name) }, "\(alert.name)")
        }
        #expect(cases.count == 2 * alerts.count)
    }

    /// The metrics of an expression, and those of the records in it.
    private static func metricsRead(by alert: Rule) throws -> Set<String> {
        let metrics = RulesExpression(alert.expression).metrics
        let records = try RulesFile.alerts.flatMap { try RulesFile($0).rules }
            .filter { metrics.contains($0.name) }
        return records.reduce(metrics) { $0.union(RulesExpression($1.expression).metrics) }
    }

    @Test func casesHaveTheSeriesOfTheExporter() throws {
        let vocabulary = try RulesVocabulary()
        let names = ["alerts-test", "rules-test", "ordinary-host-test"]
        for path in names.map({ "\(Self.fixtures)/\($0).yml" }) {
            for series in try RulesCase.all(in: path).flatMap(\.series) {
                let expression = RulesExpression(series)
                let metric = try #require(expression.selectors.first)
                let given = Set(metric.matchers.map(\.label))
                let expected = try #require(vocabulary.labels[metric.metric], "\(series)")
                // An empty label is absent: listeners without an owner or an interface, and the
                // exporter's own namespace.
                let isOwnerless = !given.contains("module") && expected.contains("port")
                let missing = expected.subtracting(
                    isOwnerless ? ["module", "kind", "interface"] : ["interface"])
                #expect(missing.subtracting(given) == [], "\(series)")
                #expect(given.subtracting(expected.union(RulesVocabulary.everywhere)) == [])
                #expect(given.isSuperset(of: ["job", "instance"]), "\(series)")
            }
        }
    }

    @Test(arguments: files)
    func rulesUseExistingMetricsAndLabels(_ path: String) throws {
        let vocabulary = try RulesVocabulary()
        for rule in try RulesFile(path).rules {
            let expression = RulesExpression(rule.expression)
            #expect(vocabulary.complaints(of: expression) == [], "\(rule.name)")
            #expect(!expression.selectors.isEmpty, "\(rule.name)")
            let known = expression.metrics.reduce(RulesVocabulary.everywhere) {
                $0.union(vocabulary.labels[$1] ?? [])
            }
            for label in (rule.description + rule.dashboard).matches(of: /\$labels\.(\w+)/) {
                #expect(known.contains(String(label.1)), "\(rule.name): \(label.0)")
            }
        }
    }

    @Test func theQueriesOfTheReadmeUseExistingMetrics() throws {
        let vocabulary = try RulesVocabulary()
        let file = RulesFile.root.appending(path: "README.md")
        let readme = try String(contentsOf: file, encoding: .utf8)
        let queries = readme.components(separatedBy: "```promql\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
            .flatMap { $0.split(separator: "\n") }.filter { !$0.hasPrefix("#") }
        #expect(!queries.isEmpty)
        for query in queries {
            #expect(vocabulary.complaints(of: RulesExpression(String(query))) == [], "\(query)")
        }
    }

    @Test func recordsAreNamedByLevelMetricAndOperations() throws {
        let vocabulary = try RulesVocabulary()
        for rule in try RulesFile(RulesFile.records).rules {
            let parts = rule.name.split(separator: ":").map(String.init)
            try #require(parts.count == 3, "\(rule.name)")
            let source = RulesExpression(rule.expression)
            let isOfMetric = source.metrics.contains { $0.contains(parts[1]) }
            #expect(isOfMetric, "\(rule.name)")
            let operations = parts[2].contains(/^(max|max_ratio|rate5m|ratio|sum)$/)
            #expect(operations, "\(rule.name)")
            // What is recorded from a record has that one's labels too.
            let inherited = source.metrics.filter { $0.contains(":") }
                .flatMap { vocabulary.labels[$0] ?? [] }
            let level = Set(parts[0].split(separator: "_").map(String.init))
            let isGrouped = level.isSubset(of: source.grouping + inherited)
            #expect(isGrouped && source.grouping.contains("job"), "\(rule.name)")
        }
    }

    /// No alert leads to a command that shows nothing: on a host with what the alerts are about, each
    /// lists a row at least below its heading. What a device has handed back only the kernel lab has.
    @Test(.requires(.networkNamespaces), .requires(.ss))
    func everyCommandShowsSomething() throws {
        let descriptions = try RulesCase.all(in: Self.cases).flatMap(\.descriptions)
        let commands = Set(try descriptions.map(Self.command(of:)))
        try inNewNetworkNamespace {
            let held = try SocketScenario.allCases.map { try HeldSockets($0, .ipv4) }
            defer { for sockets in held { sockets.close() } }
            let halfOpen = try #require(held.first { $0.rows[.ipv4, .synReceived] > 0 })
            let own = try run(builtCommand("tcptable"), ["--json", "--pid", "\(getpid())"])
            let module = try #require(own.standardOutput.firstMatch(of: /"module":"([^"]*)"/)?.1)
            for command in commands where command.hasPrefix("tcptable ") || command.hasPrefix("ss ")
            {
                if command.contains("--offload uploading") { continue }
                let ours =
                    command
                    .replacing(/^tcptable/, with: builtCommand("tcptable"))
                    .replacing(/--module '[^']*'/, with: "--module '\(module)'")
                    .replacing(/--port [0-9]+/, with: "--port \(halfOpen.localPort)")
                let result = try run("sh", ["-c", ours])
                let lines = result.standardOutput.split(separator: "\n").count
                let headings = command.hasPrefix("ss ") ? 0 : 1
                #expect(result.status == .exited(0), "\(command): \(result.standardError)")
                #expect(lines > headings, "\(command): \(result.standardOutput)")
            }
        }
    }

    /// Others are those of systemd, the kernel's counters, and commands for another namespace.
    @Test func everyCommandIsKnown() throws {
        let others: Set = [
            "systemctl status tcptable_exporter", "journalctl -u tcptable_exporter",
            "systemctl show -p AmbientCapabilities tcptable_exporter", "cat /proc/net/tls_stat",
            "promtool check config /etc/prometheus/prometheus.yml",
        ]
        let cases = try RulesCase.all(in: Self.cases)
        for command in try cases.flatMap(\.descriptions).map(Self.command(of:)) {
            let isInNamespace = command.contains(
                /^(ip netns exec|nsenter -n -t) .* (tcptable --|ss -Htan )/)
            let isOfOwn = command.hasPrefix("tcptable --") || command.hasPrefix("ss -Htan | ")
            #expect(isInNamespace || isOfOwn || others.contains(command), "\(command)")
        }
        let failing = cases.first { $0.name.hasPrefix("TCPTableCollectorFailing ") && $0.fires }
        let first = try failing?.descriptions.first.map(Self.command(of:))
        #expect(first == "journalctl -u tcptable_exporter")
    }

    /// What follows the last colon and space.
    private static func command(of description: String) throws -> String {
        let start = try #require(description.ranges(of: ": ").last, "\(description)")
        return String(description[start.upperBound...]).replacing("''", with: "'")
    }
}

extension RulesCase {
    fileprivate var metrics: Set<String> { Set(series.map { String($0.prefix { $0 != "{" }) }) }
    fileprivate var fires: Bool { expectations.contains(where: \.isFiring) }

    fileprivate func speaks(of alert: String) -> Bool {
        !expectations.isEmpty && expectations.allSatisfy { $0.alert == alert }
    }
}
