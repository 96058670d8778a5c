import TCPModel

// Accept queues and ephemeral ports.
extension ProblemFinder {
    mutating func examine(_ row: ListenerRow) {
        guard AlertThreshold.queueLimit.isReached(by: row.limit) else { return }
        let drops = recentDrops(row)
        let isFlooded = AlertThreshold.synRecv.isReached(by: row[.synRecv])
        switch (row.queueLevel, drops) {
        case (.critical, _):
            let dropped = drops.map { ", and \($0.dropped)" } ?? ""
            add(
                problem(
                    .critical, "Accept queue full", row, drops,
                    "\(row.waiting)\(dropped). Clients time out: the program hangs or is "
                        + "overloaded."))
        case (_, let drops?) where !isFlooded:
            add(
                problem(
                    .critical, "Connections are dropped", row, drops,
                    "\(drops.dropped). Clients time out: the program hangs or is overloaded."))
        case (_, let drops?):
            add(
                problem(
                    .warning, "Handshakes are dropped", row, drops,
                    "\(drops.dropped), and \(row[.synRecv].grouped) are half open. Possible causes "
                        + "are a SYN flood without SYN cookies, and lost replies."))
        case (.warning, nil):
            add(
                problem(
                    .warning, "Accept queue nearly full", row, nil,
                    "\(row.waiting). The program accepts connections too slowly."))
        default: break
        }
    }

    /// What was dropped lately, if it is enough for an alert.
    private func recentDrops(_ row: ListenerRow) -> Growth? {
        guard row.dropped > 0 else { return nil }
        let points = history.points(of: .drops(row.labels, row.module.namespace))
        let growth = Growth(points, inTheLast: AlertThreshold.dropsDuration)
        return growth.flatMap { AlertThreshold.drops.isReached(by: Double($0.count)) ? $0 : nil }
    }

    private func problem(
        _ severity: Problem.Severity, _ title: String, _ row: ListenerRow, _ drops: Growth?,
        _ text: String
    ) -> Problem {
        let namespace = row.module.namespace
        let port = row.port == "other" ? "" : " --port \(row.port)"
        return Problem(
            severity: severity, title: title, module: row.module,
            cell: drops.map { _ in .drops(row.labels, namespace: namespace) },
            places: [row.port == "other" ? "other ports" : "port \(row.port)"]
                + holders(.listener(row.labels), in: namespace),
            text: text, command: ShellCommand.tcptable("--listening" + port, in: namespace),
            weight: row.length + Double(drops?.count ?? 0))
    }

    mutating func examine(_ row: PortsRow) {
        guard AlertThreshold.ephemeralPorts.isReached(by: row.busiestPart) else { return }
        add(
            Problem(
                severity: .warning, title: "Ephemeral ports are running out",
                places: [row.familyName] + (row.namespace.isEmpty ? [] : ["in \(row.namespace)"]),
                text: "One destination uses \(row.busiestPart.percent) of them, "
                    + "\(row.busiest.grouped) of \(row.available.grouped). Connecting to it fails "
                    + "when none is left.",
                command: ShellCommand.busiestDestinations(in: row.namespace),
                weight: row.busiest))
    }
}

extension ListenerRow {
    fileprivate var waiting: String {
        "\(length.counted("connection", "waits", "wait")) in a queue for \(limit.grouped)"
    }
}

extension Growth {
    fileprivate var dropped: String {
        "\(Double(count).counted("new connection", "was", "were")) dropped in the last "
            + duration.spelled
    }
}
