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
    /// Other network namespaces that were not tried.
    private var namespacesSkippedCount = 0
    private let stopwatch = Stopwatch()

    /// - Parameter unavailable: Collectors that fail, whatever comes.
    init(collectors: Set<CollectorName>, unavailable: Set<CollectorName> = []) {
        results = Dictionary(uniqueKeysWithValues: collectors.map { ($0, Result()) })
        for name in unavailable { results[name] = Result(isFinished: true) }
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
    ///
    /// - Parameter protectionProblems: What hides the owners of protected connections.
    mutating func ownersWereFound(
        _ owners: borrowing ResolvedOwners, protectionProblems: [String]
    ) {
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
        problems += protectionProblems
        if let reason = visibility.detourReason { problems.append(reason) }
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

    mutating func listenDropCountFailed(_ error: FileError) {
        finish(.listener, false)
        problems.append("\(error)")
    }

    /// What listeners dropped is not known then, and which connections came in by one only as far as the
    /// table shows listeners first.
    mutating func listenersFailed(
        _ error: ConnectionSourceError, _ namespace: NetworkNamespace?
    ) {
        finish(.listener, false)
        finish(.ephemeralPort, false)
        problems.append(Self.prefix(namespace) + "cannot read the listeners alone: \(error)")
    }

    mutating func exporterMetricsWereWritten(problems: [String]) {
        self.problems += problems
    }

    /// Each collector's samples are of its part; the families are there without any, too.
    func write(to exposition: inout TextExposition) {
        if isTableRead {
            exposition.write(Metric.networkNamespacesSkipped) {
                $0.append(value: UInt64(namespacesSkippedCount))
            }
        }
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
    var needsOwners: Bool {
        switch self {
        case .module, .offload, .queue, .listener, .peer: true
        case .state, .ephemeralPort: false
        }
    }

    fileprivate var labels: LabelSet { LabelSet([("collector", rawValue)]) }
}

// MARK: - Other network namespaces

extension ScrapeReport {
    mutating func namespacesWereFound(_ found: NetworkNamespaces) {
        if found.deniedProcessCount > 0 { problems.append(Self.namespacesUnseen) }
    }

    /// - Parameter skippedCount: Those that were not tried; less than one is none.
    mutating func namespacesWereRead(skippedCount: Int) {
        namespacesSkippedCount = max(0, skippedCount)
        guard skippedCount > 0 else { return }
        areTablesIncomplete = true
        problems.append(
            "some network namespaces are left out: there are too many to read in time")
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
