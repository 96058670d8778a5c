import Exposition
import Linux
import Owners
import TCPModel

/// How the collectors of one scrape fared.
struct ScrapeReport {
    private struct Result {
        var isFinished = false
        var isSuccess = false
        var seconds = 0.0
    }

    private(set) var isTableRead = false
    private(set) var problems: [String] = []
    private var results: [CollectorName: Result]
    /// Whether a table could not be read, or is not to be relied on.
    private var areTablesIncomplete = false
    /// Attempts that the kernel flagged as interrupted.
    private(set) var dumpInterruptions = 0
    /// Whether the right to enter other namespaces is missing.
    private(set) var isEnteringDenied = false
    private let stopwatch = Stopwatch()

    init(collectors: Set<CollectorName>) {
        results = Dictionary(uniqueKeysWithValues: collectors.map { ($0, Result()) })
    }

    /// - Parameter namespace: Nil is the exporter's own, without which there is no truth to tell.
    mutating func tableWasRead(
        _ outcome: DumpOutcome, _ namespace: NetworkNamespace?
    ) {
        if namespace == nil { isTableRead = true }
        dumpInterruptions += outcome.interruptions
        problems += outcome.problems.map { Self.prefix(namespace) + $0 }
        if outcome.offloadProblem != nil { finish(.offload, false) }
        if outcome.isInterrupted { areTablesIncomplete = true }
    }

    mutating func tableFailed(_ error: ConnectionSourceError, _ namespace: NetworkNamespace?) {
        areTablesIncomplete = true
        problems.append(Self.prefix(namespace) + "\(error)")
    }

    /// All tables have been tried.
    mutating func tablesWereRead() {
        for name in CollectorName.allCases where !isTableRead || !name.needsOwners {
            if results[name]?.isFinished == false { finish(name, isTableRead) }
        }
    }

    /// Missing rights are no failure: what they hide is counted as `protected`.
    mutating func ownersWereFound(_ owners: borrowing ResolvedOwners) {
        let visibility = owners.visibility
        if let failure = owners.failure ?? visibility.failure {
            ownersFailed("cannot find socket owners: \(failure)")
        }
        if owners.isSearchExhausted {
            ownersFailed(
                "the search for socket owners took too long and was ended: connections that it did "
                    + "not reach count as partial")
        }
        for name in CollectorName.allCases
        where name.needsOwners && results[name]?.isFinished == false {
            finish(name, true)
        }
        problems += visibility.problems
    }

    /// A process or container without the name that it could have is counted all the same.
    mutating func modulesWereNamed(problems: [String]) {
        self.problems += problems
    }

    private mutating func ownersFailed(_ problem: String) {
        for name in CollectorName.allCases where name.needsOwners { finish(name, false) }
        problems.append(problem)
    }

    mutating func kernelTLSStatisticsFailed(_ error: FileError) {
        finish(.offload, false)
        problems.append("\(error)")
    }

    mutating func ephemeralPortsFailed(_ error: FileError) {
        finish(.ephemeralPort, false)
        problems.append("\(error)")
    }

    mutating func exporterMetricsWereWritten(problems: [String]) {
        self.problems += problems
    }

    /// Each collector's samples are of its part; the families are there without any, too.
    func write(to exposition: inout TextExposition) {
        exposition.write(Metric.scrapeCollectorSuccess)
        exposition.write(Metric.scrapeCollectorDuration)
        for (name, result) in results.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            exposition.part(name.part) { exposition in
                exposition.write(Metric.scrapeCollectorSuccess) {
                    $0.append(name.labels, value: result.isSuccess ? 1 : 0)
                }
                exposition.write(Metric.scrapeCollectorDuration) {
                    $0.append(name.labels, measure: result.seconds)
                }
            }
        }
    }

    private mutating func finish(_ name: CollectorName, _ isSuccess: Bool) {
        guard results[name] != nil else { return }
        results[name] = Result(
            isFinished: true, isSuccess: isSuccess && !areTablesIncomplete,
            seconds: stopwatch.seconds)
    }
}

extension CollectorName {
    /// Whether the collector's values depend on owners, which are found after the table was read.
    fileprivate var needsOwners: Bool {
        switch self {
        case .module, .offload, .queue, .listener: true
        case .state, .ephemeralPort: false
        }
    }

    fileprivate var labels: LabelSet { LabelSet([("collector", rawValue)]) }
}

// MARK: - Other network namespaces

extension ScrapeReport {
    mutating func namespacesWereFound(_ found: NetworkNamespaces, max: Int) {
        if found.deniedProcessCount > 0 { problems.append(Self.namespacesUnseen) }
        if found.others.count > max {
            problems.append("network namespaces beyond the first \(max) are left out")
        }
    }

    mutating func namespacesFailed(_ error: FileError) {
        areTablesIncomplete = true
        problems.append("network namespaces are not known: \(error)")
    }

    /// A namespace that is gone by now is no problem.
    mutating func enteringFailed(_ error: FileError) {
        if error.isDenied {
            isEnteringDenied = true
            problems.removeAll { $0 == Self.namespacesUnseen }  // One warning says enough.
            problems.append(
                "other network namespaces are left out: entering them takes CAP_SYS_ADMIN")
        } else if !error.isGone {
            areTablesIncomplete = true
            problems.append("\(error)")
        }
    }

    private static let namespacesUnseen =
        "network namespaces of other users' processes are left out: they are known with "
        + "CAP_SYS_PTRACE"

    private static func prefix(_ namespace: NetworkNamespace?) -> String {
        namespace.map { "in network namespace \($0.label): " } ?? ""
    }
}
