import Exposition
import TCPModel

// The tables of the page.
extension StatusPage {
    mutating func writeTables() {
        writeStates()
        writeModules()
        writeUnattributed()
        writeListeners()
        writeOffload()
    }

    private mutating func heading(_ title: StaticString, _ id: StaticString) {
        html.markup("<h2 id=\"")
        html.markup(id)
        html.markup("\">")
        html.markup(title)
        html.markup("</h2>\n")
    }

    // MARK: States

    private mutating func writeStates() {
        guard let connections = samples.samples(of: Metric.connections) else { return }
        let counts = GroupedSums(connections) { [$0["state"], $0["family"]] }
        let total = connections.reduce(0) { $0 + $1.value }
        heading("States", "states")
        html.beginTable([
            ("State", false), ("IPv4", true), ("IPv6", true), ("Total", true), ("", false),
        ])
        for state in Labels.sortedStates.map(\.label.description) {
            let (ipv4, ipv6) = (counts[[state, "ipv4"]], counts[[state, "ipv6"]])
            html.markup("<tr><th scope=\"row\">")
            html.text(state)
            html.markup("</th>")
            for value in [ipv4, ipv6, ipv4 + ipv6] { html.cell(value) }
            html.bar([(ipv4 + ipv6, state)], of: total)
            html.markup("</tr>\n")
        }
        html.endTable()
    }

    // MARK: Modules

    /// A module in a network namespace; the name of the exporter's own namespace is empty.
    private struct Module: Hashable {
        var namespace: String
        var name: String
        var kind: String

        init(_ sample: WrittenSample) {
            namespace = sample["netns"]
            name = sample["module"]
            kind = sample["kind"]
        }
    }

    private mutating func writeModules() {
        guard let connections = samples.samples(of: Metric.moduleConnections) else { return }
        let counts = GroupedSums(connections) { Module($0) }
        let byState = GroupedSums(connections) {
            ModuleState(module: Module($0), state: $0["state"])
        }
        let occurring = Set(connections.filter { $0.value > 0 }.map { $0["state"] })
        let states = Labels.sortedStates.map(\.label.description).filter(occurring.contains)
        let modules = counts.keys.sorted { a, b in
            (counts[b], a.name, a.namespace, a.kind) < (counts[a], b.name, b.namespace, b.kind)
        }
        heading("Owner modules", "modules")
        html.beginTable(
            [("Module", false), ("Kind", false), ("Total", true), ("", false)]
                + states.map { ($0, true) })
        let largest = modules.first.map { counts[$0] } ?? 0
        for module in modules {
            writeName(of: module)
            html.cell(counts[module])
            let parts = states.map { (byState[ModuleState(module: module, state: $0)], $0) }
            html.bar(parts, of: largest)
            for (count, state) in parts {
                html.cell(count, isAlarm: state == "close_wait" && count > 0)
            }
            html.markup("</tr>\n")
        }
        html.endTable()
    }

    private struct ModuleState: Hashable {
        var module: Module
        var state: String
    }

    private mutating func writeName(of module: Module) {
        html.markup("<tr><th scope=\"row\">")
        writeName(module)
        html.markup("</th><td>")
        html.text(module.kind)
        html.markup("</td>")
    }

    private mutating func writeName(_ module: Module) {
        if module.name.isEmpty { html.text("unknown") } else { html.name(module.name) }
        guard !module.namespace.isEmpty else { return }
        html.markup(" <span class=\"dim\">in ")
        html.name(module.namespace)
        html.markup("</span>")
    }

    // MARK: Unattributed

    private static let explanations = [
        (
            "not_found",
            "No process holds the socket, as in time_wait, or none that is visible in this PID "
                + "namespace."
        ),
        (
            "protected",
            "The owner may be a process that the exporter is not permitted to inspect. Run it as root "
                + "or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH."
        ),
        ("partial", "The owner ended or changed during the search. The next scrape may find it."),
    ]

    private mutating func writeUnattributed() {
        guard let connections = samples.samples(of: Metric.unattributedConnections) else { return }
        let counts = GroupedSums(connections) { [$0["reason"]] }
        heading("Unattributed", "unattributed")
        html.beginTable([("Reason", false), ("Total", true), ("Meaning", false)])
        for (reason, explanation) in Self.explanations {
            html.markup("<tr><th scope=\"row\">")
            html.text(reason)
            html.markup("</th>")
            html.cell(counts[[reason]])
            html.markup("<td class=\"prose\">")
            html.text(explanation)
            html.markup("</td></tr>\n")
        }
        html.endTable()
    }

    // MARK: Listeners

    private struct Listener: Hashable {
        var module: Module
        var address: String
        var port: String

        init(_ sample: WrittenSample) {
            module = Module(sample)
            let isIPv6 = sample["family"] == "ipv6"
            address = isIPv6 ? "[\(sample["address"])]" : sample["address"]
            port = sample["port"]
        }
    }

    private mutating func writeListeners() {
        guard let backlogs = samples.samples(of: Metric.listenerBacklog) else { return }
        let limits = GroupedSums(samples.samples(of: Metric.listenerBacklogLimit) ?? []) {
            Listener($0)
        }
        heading("Listeners", "listeners")
        html.beginTable([
            ("Module", false), ("Address", false), ("Queue", true), ("Limit", true), ("", false),
        ])
        for backlog in backlogs {
            let listener = Listener(backlog)
            let (length, limit) = (backlog.value, limits[listener])
            html.markup("<tr><th scope=\"row\">")
            writeName(listener.module)
            html.markup("</th><td>")
            html.text("\(listener.address):\(listener.port)")
            html.markup("</td>")
            html.cell(length, isAlarm: length > limit)
            html.cell(limit)
            html.bar([(min(length, limit), length > limit ? "close_wait" : "listen")], of: limit)
            html.markup("</tr>\n")
        }
        html.endTable()
    }

    // MARK: Offload

    private mutating func writeOffload() {
        guard let connections = samples.samples(of: Metric.offloadConnections) else { return }
        let counts = GroupedSums(connections) { [$0["offload_state"], $0["family"]] }
        heading("Offload", "offload")
        html.beginTable([("Offload state", false), ("IPv4", true), ("IPv6", true)])
        for state in OffloadState.allCases.map(\.label.description) {
            html.markup("<tr><th scope=\"row\">")
            html.text(state)
            html.markup("</th>")
            for family in ["ipv4", "ipv6"] { html.cell(counts[[state, family]]) }
            html.markup("</tr>\n")
        }
        html.endTable()
    }
}

/// The sums of samples with the same key.
private struct GroupedSums<Key: Hashable> {
    private var values: [Key: Double] = [:]

    init(_ samples: [WrittenSample], by key: (WrittenSample) -> Key) {
        for sample in samples { values[key(sample), default: 0] += sample.value }
    }

    var keys: [Key] { Array(values.keys) }

    /// 0 if no sample has this key.
    subscript(key: Key) -> Double { values[key] ?? 0 }
}
