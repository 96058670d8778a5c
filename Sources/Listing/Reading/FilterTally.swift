import TCPModel
import TCPTable

/// Why a listing is empty: how many rows each filter alone would have let through.
struct FilterTally {
    private let filter: RowFilter
    private let isSelective: Bool
    private var rowCount = 0
    private var counts = [Int](repeating: 0, count: RowFilter.Criterion.allCases.count)

    init(_ filter: RowFilter) {
        self.filter = filter
        isSelective = filter.isSelective
    }

    /// Whether the row passes the filters that need no owner.
    mutating func contains(_ row: borrowing TCPConnection) -> Bool {
        rowCount += 1
        guard isSelective else { return true }
        var isWanted = true
        for criterion in RowFilter.Criterion.allCases {
            if filter.matches(criterion, row) {
                counts[criterion.rawValue] += 1
            } else {
                isWanted = false
            }
        }
        return isWanted
    }

    /// What to say when no row is listed; nil of a table without rows, or without filters.
    ///
    /// - Parameter rows: Those that pass the filters that need no owner.
    func word(_ rows: some Collection<TCPRow>) -> String? {
        guard rowCount > 0 else { return nil }
        if isSelective {
            for criterion in RowFilter.Criterion.allCases where counts[criterion.rawValue] == 0 {
                return "no \(noun(criterion))"
            }
        }
        if filter.needsOwners, !rows.isEmpty { return Self.word(filter, rows) }
        return isSelective ? "no socket matches all filters at once" : nil
    }

    private func noun(_ criterion: RowFilter.Criterion) -> String {
        switch criterion {
        case .state: "socket in state " + Self.list(filter.states.map(\.label.description))
        case .family: Self.list(filter.families.map(\.label.description)) + " socket"
        case .offload:
            "socket in offload state " + Self.list(filter.offloadStates.map(\.label.description))
        case .port:
            filter.ports.count == 1
                ? "socket with port \(filter.ports.first ?? 0)" : "socket with one of these ports"
        case .local: "local address matches " + Self.list(filter.locals.map(\.description))
        case .remote: "remote address matches " + Self.list(filter.remotes.map(\.description))
        case .user: "socket of user " + Self.list(filter.users.map(Self.userName))
        }
    }

    private static func userName(_ user: UInt32) -> String {
        var names = UserNames()
        return names.name(of: user) ?? String(user)
    }

    private static func list(_ words: [String]) -> String {
        words.sorted().prefix(4).joined(separator: " or ")
    }
}

// What owners' filters do not find.
extension FilterTally {
    private static func word(_ filter: RowFilter, _ rows: some Collection<TCPRow>) -> String {
        for module in filter.modules.sorted()
        where !rows.contains(where: {
            RowFilter.matches(module, $0.module, $0.unattributedReason)
        }) {
            let modules = Set(rows.lazy.compactMap(\.module))
            return "no module '\(module)'"
                + NearestNames.suffix(module, among: modules.map { visibleName($0.name) })
        }
        for program in filter.programs
        where !rows.contains(where: { RowFilter.matches(program, $0) }) {
            let programs = Set(rows.lazy.map(\.program)).filter { !$0.isEmpty }
            return "no process '\(program.text)'"
                + NearestNames.suffix(program.text, among: programs.map(visibleName))
        }
        for process in filter.processes.sorted()
        where !rows.contains(where: { $0.process?.id == process }) {
            return "no socket of process \(process)"
        }
        return "no socket matches all filters at once"
    }
}
