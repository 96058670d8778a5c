import TCPModel

/// Finds the problems of a scrape.
struct ProblemFinder {
    let tables: PageTables
    let history: ScrapeHistory
    /// Those of each module.
    let listeners: [PageModule: [ListenerRow]]
    private let suspects: [SuspectKey: Suspect]
    private(set) var problems: [Problem] = []

    private struct SuspectKey: Hashable {
        var subject: Suspect.Subject
        var namespace: String
    }

    init(_ tables: PageTables, _ history: ScrapeHistory, _ suspects: [Suspect]) {
        self.tables = tables
        self.history = history
        listeners = Dictionary(grouping: tables.listeners, by: \.module)
        self.suspects = Dictionary(
            suspects.map { (SuspectKey(subject: $0.subject, namespace: $0.namespace), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// All problems, the worst first.
    static func problems(
        _ tables: PageTables, _ history: ScrapeHistory, _ suspects: [Suspect]
    ) -> [Problem] {
        var finder = ProblemFinder(tables, history, suspects)
        for listener in tables.listeners { finder.examine(listener) }
        for module in tables.modules
        where module.module.kind != OwnerModule.Kind.other.label.description {
            finder.examine(module)
        }
        for reason in tables.reasons { finder.examine(reason) }
        for ports in tables.ports { finder.examine(ports) }
        finder.examineClosing()
        return finder.problems.enumerated().sorted { a, b in
            (b.element.severity, b.element.weight, a.offset)
                < (a.element.severity, a.element.weight, b.offset)
        }.map(\.element)
    }

    mutating func add(_ problem: Problem) { problems.append(problem) }

    /// Who holds a subject, and where attempts go to; empty where that is not known.
    func holders(_ subject: Suspect.Subject, in namespace: String) -> [String] {
        guard let known = suspects[SuspectKey(subject: subject, namespace: namespace)] else {
            return []
        }
        let others = known.otherCount
        let ports = known.remotePort.map { ["to port \($0)"] } ?? []
        return ports + [
            "PID \(known.process)"
                + (others == 0 ? "" : " and \(others) other process\(others == 1 ? "" : "es")")
        ]
    }
}
