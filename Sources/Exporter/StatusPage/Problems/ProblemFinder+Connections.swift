import TCPModel

// Leaks, unanswered connection attempts, and connections that the peer does not close.
extension ProblemFinder {
    mutating func examine(_ row: ModuleRow) {
        examineCloseWait(row)
        if row.isReached(.synSent, .synSent), !row.isMostlyEstablished {
            add(
                problem(
                    "Unanswered connection attempts", row, .synSent,
                    "\(row[.synSent].counted("attempt", "has", "have")) no answer, and "
                        + "\(row[.established].counted("connection", "is", "are")) established. "
                        + "The destination is down, or a firewall drops the packets."
                ))
        }
        // Without an owner they are closed by the program as well, and end after a minute.
        if row.isReached(.finWait2, .finWait2),
            row.module.name != "not_found" || row.module.isAttributed
        {
            add(
                problem(
                    "Peers do not close their side", row, .finWait2, severity: .notice,
                    "\(row[.finWait2].counted("connection", "is", "are")) closed by the "
                        + "program but not by the peer, which may leak them."))
        }
    }

    private mutating func examineCloseWait(_ row: ModuleRow) {
        guard row.isReached(.closeWait, .closeWaitLeak) else { return }
        let points =
            row.module.isAttributed
            ? history.points(of: .closeWait(row.module.labels, row.module.namespace)) : []
        let leak = Leak.growth(points, from: AlertThreshold.closeWaitLeak.value)
        guard leak != nil || row.isReached(.closeWait, .closeWait) else { return }
        let growth = leak ?? Growth(points)
        let grown = growth.map {
            ", \(Double($0.count).grouped) more than \($0.duration.spelled) ago"
        }
        add(
            problem(
                leak != nil ? "Connections leak" : "Connections are not closed", row, .closeWait,
                "\(row[.closeWait].counted("connection", "is", "are")) closed by the "
                    + "peer but not by the program\(grown ?? ""). Each holds a file descriptor."))
    }

    /// Closed by this host, and not acknowledged.
    mutating func examineClosing() {
        for (namespace, count) in tables.closingCounts.sorted(by: { $0.key < $1.key })
        where AlertThreshold.closing.isReached(by: count) {
            let states = ["fin_wait1", "closing", "last_ack"].map { "--state \($0)" }
            add(
                Problem(
                    severity: .notice, title: "Closed connections are not acknowledged",
                    places: namespace.isEmpty ? [] : ["in \(namespace)"],
                    text: "\(count.counted("connection", "is", "are")) closed, and the peers have "
                        + "not acknowledged it. They are gone, or have stopped reading.",
                    command: ShellCommand.tcptable(states.joined(separator: " "), in: namespace),
                    weight: count))
        }
    }

    private func problem(
        _ title: String, _ row: ModuleRow, _ state: TCPState, severity: Problem.Severity = .warning,
        _ text: String
    ) -> Problem {
        let namespace = row.module.namespace
        return Problem(
            severity: severity, title: title, module: row.module,
            cell: .connections(row.module, state),
            places: ports(row.module, state)
                + holders(.connections(module: row.module.labels, state), in: namespace),
            text: text, command: ShellCommand.connections(of: row.module, state),
            weight: row[state])
    }

    /// The listener's port that most of a module's connections in a state came in by.
    private func ports(_ module: PageModule, _ state: TCPState) -> [String] {
        guard state != .synSent else { return [] }
        let busiest = listeners[module]?.filter { $0[state] > 0 }
            .max { $0[state] < $1[state] }
        return busiest.map { ["port \($0.port)"] } ?? []
    }
}
