import Exposition
import TCPModel

/// The samples of a scrape as rows, each family read once.
struct PageTables {
    /// Nil without the collector; the same below.
    private(set) var states: [String: PageCounts]?
    private(set) var modules: [ModuleRow] = []
    private(set) var hasModules = false
    /// Connections without a module, by namespace and reason.
    private(set) var reasons: [ModuleRow] = []
    private(set) var listeners: [ListenerRow] = []
    private(set) var hasListeners = false
    private(set) var hasQueues = false
    private(set) var ports: [PortsRow] = []
    /// In fin_wait1, closing and last_ack, by namespace.
    private(set) var closingCounts: [String: Double] = [:]

    init(_ samples: TextExposition) {
        readStates(samples)
        readModules(samples)
        readListeners(samples)
        readPorts(samples)
    }

    private mutating func readStates(_ samples: TextExposition) {
        guard let connections = samples.samples(of: Metric.connections) else { return }
        var states: [String: PageCounts] = [:]
        for sample in connections {
            states[sample["family"], default: PageCounts()].add(sample)
            if ["fin_wait1", "closing", "last_ack"].contains(sample["state"]) {
                closingCounts[sample["netns"], default: 0] += sample.value
            }
        }
        self.states = states
    }

    private mutating func readModules(_ samples: TextExposition) {
        hasModules = samples.samples(of: Metric.moduleConnections) != nil
        hasQueues = samples.samples(of: Metric.moduleReceiveQueue) != nil
        var rows: [PageModule: ModuleRow] = [:]
        func add(_ family: MetricFamily, _ change: (inout ModuleRow, WrittenSample) -> Void) {
            for sample in samples.samples(of: family) ?? [] {
                let module = PageModule(sample)
                change(&rows[module, default: ModuleRow(module: module)], sample)
            }
        }
        add(Metric.moduleConnections) { $0.counts.add($1) }
        add(Metric.moduleReceiveQueue) { $0.receiveQueue += $1.value }
        add(Metric.moduleSendQueue) { $0.sendQueue += $1.value }
        modules = Array(rows.values)
        rows = [:]
        for sample in samples.samples(of: Metric.unattributedConnections) ?? [] {
            let module = PageModule(reason: sample["reason"], namespace: sample["netns"])
            rows[module, default: ModuleRow(module: module)].counts.add(sample)
        }
        reasons = Array(rows.values)
    }

    private mutating func readListeners(_ samples: TextExposition) {
        guard let backlogs = samples.samples(of: Metric.listenerBacklog) else { return }
        hasListeners = true
        var places: [ListenerKey: Int] = [:]
        for sample in backlogs {
            var row = ListenerRow(sample)
            row.length = sample.value
            places[ListenerKey(sample)] = listeners.count
            listeners.append(row)
        }
        func add(_ family: MetricFamily, _ change: (inout ListenerRow, WrittenSample) -> Void) {
            for sample in samples.samples(of: family) ?? [] {
                let key = ListenerKey(sample)
                // Connections that came in by one of several modules' listeners have no socket of their own.
                let place = places[key] ?? listeners.count
                if place == listeners.count {
                    places[key] = place
                    listeners.append(ListenerRow(sample))
                }
                change(&listeners[place], sample)
            }
        }
        add(Metric.listenerBacklogLimit) { $0.limit = $1.value }
        add(Metric.listenerSockets) { $0.socketCount = $1.value }
        add(Metric.listenerFullSockets) { $0.fullSocketCount = $1.value }
        add(Metric.listenerDropped) { $0.dropped = $1.value }
        add(Metric.listenerConnections) { $0.counts.add($1) }
    }

    private mutating func readPorts(_ samples: TextExposition) {
        let available = GroupedSums(samples.samples(of: Metric.ephemeralPorts) ?? []) {
            $0["netns"]
        }
        let busiest = GroupedSums(samples.samples(of: Metric.ephemeralPortsBusiest) ?? []) {
            [$0["netns"], $0["family"]]
        }
        for sample in samples.samples(of: Metric.ephemeralPortsUsed) ?? [] {
            let (namespace, family) = (sample["netns"], sample["family"])
            ports.append(
                PortsRow(
                    namespace: namespace, family: family, available: available[namespace],
                    used: sample.value, busiest: busiest[[namespace, family]]))
        }
    }
}

/// What tells listeners apart.
private struct ListenerKey: Hashable {
    var texts: [String]

    init(_ sample: WrittenSample) {
        texts = ["netns", "module", "kind", "family", "address", "interface", "port"].map {
            sample[$0]
        }
    }
}
