import Exposition
import TCPModel

// Connections by owner module and state.
extension StatusPage {
    /// A module in a network namespace; the name of the exporter's own namespace is empty.
    struct Module: Hashable {
        var namespace: String
        var name: String
        var kind: String

        init(_ sample: WrittenSample) {
            namespace = sample["netns"]
            name = sample["module"]
            kind = sample["kind"]
        }
    }

    mutating func writeModules() {
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
            writeRowHeader(module)
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

    private mutating func writeRowHeader(_ module: Module) {
        html.markup("<tr><th scope=\"row\">")
        writeName(module)
        html.markup("</th><td>")
        html.text(module.kind)
        html.markup("</td>")
    }

    /// Writes a module's name, with its network namespace.
    mutating func writeName(_ module: Module) {
        if module.name.isEmpty { html.text("unknown") } else { html.name(module.name) }
        guard !module.namespace.isEmpty else { return }
        html.markup(" <span class=\"dim\">in ")
        html.name(module.namespace)
        html.markup("</span>")
    }
}
