import Exposition

// Listeners and their accept queues.
extension StatusPage {
    private struct Listener: Hashable {
        var module: Module
        var address: String
        var port: String

        init(_ sample: WrittenSample) {
            module = Module(sample)
            let isIPv6 = sample["family"] == "ipv6"
            let interface = sample["interface"].isEmpty ? "" : "%\(sample["interface"])"
            let bound = sample["address"] + interface
            address = isIPv6 ? "[\(bound)]" : bound
            port = sample["port"]
        }
    }

    mutating func writeListeners() {
        guard var backlogs = samples.samples(of: Metric.listenerBacklog) else { return }
        let limits = GroupedSums(samples.samples(of: Metric.listenerBacklogLimit) ?? []) {
            Listener($0)
        }
        // Full queues first.
        let full = backlogs.filter { $0.value > limits[Listener($0)] }
        backlogs = full + backlogs.filter { $0.value <= limits[Listener($0)] }
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
}
