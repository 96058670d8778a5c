extension MetricsText {
    /// Where the conservation law is broken: in every exposition, the connections of each state are
    /// those of the modules and those without an owner, and all of them have an offload state. Only
    /// families that are there are compared. No more connections came in by listeners than there are.
    package var conservationBreaches: [String] {
        var breaches: [String] = []
        let states = sums("tcptable_connections", by: "state")
        if self["tcptable_connections"] != nil, self["tcptable_module_connections"] != nil {
            let attributed = sums("tcptable_module_connections", by: "state")
            let others = sums("tcptable_unattributed_connections", by: "state")
            let sums = attributed.merging(others, uniquingKeysWith: +)
            for state in Set(states.keys).union(sums.keys) where states[state] != sums[state] {
                breaches.append("\(state): \(states[state] ?? -1) are not \(sums[state] ?? -1)")
            }
        }
        let offload = sum("tcptable_offload_connections")
        let total = states.values.reduce(0, +)
        if self["tcptable_connections"] != nil, self["tcptable_offload_connections"] != nil,
            total != offload
        {
            breaches.append("offload: \(total) are not \(offload)")
        }
        if self["tcptable_connections"] != nil {
            for (state, count) in sums("tcptable_listener_connections", by: "state")
            where count > states[state] ?? 0 {
                breaches.append("\(state): \(count) came in, of \(states[state] ?? 0)")
            }
        }
        return breaches
    }

    /// `tcptable_connections` as rows.
    package var tableRows: TableRows {
        samples("tcptable_connections").reduce(into: TableRows()) { rows, sample in
            let state = SocketState.allCases.first { $0.label == sample["state"] }
            guard let state, let family = SocketFamily(rawValue: sample["family"]) else { return }
            rows[family, state] += Int(sample.value)
        }
    }
}
