import Exposition
import OwnerModules
import Procfs
import SockDiag

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
    private var isTableDisturbed = false
    private let stopwatch = Stopwatch()

    init(collectors: Set<CollectorName>) {
        results = Dictionary(uniqueKeysWithValues: collectors.map { ($0, Result()) })
    }

    mutating func tableWasRead(_ outcome: TCPSocketDump.Outcome) {
        isTableRead = true
        isTableDisturbed = outcome.isInterrupted
        for name in CollectorName.allCases where !name.needsOwners { finish(name, true) }
        if isTableDisturbed {
            problems.append(
                "the kernel called each of \(TCPSocketDump.attemptsMax) dumps disturbed: sockets "
                    + "may be missing or counted twice")
        }
    }

    mutating func tableFailed(_ error: SockDiagError) {
        for name in CollectorName.allCases { finish(name, false) }
        problems.append("\(error)")
    }

    mutating func ownersFailed(_ error: FileError) {
        for name in CollectorName.allCases where name.needsOwners { finish(name, false) }
        problems.append("owners are not known: \(error)")
    }

    /// Missing rights are no failure: what they hide is counted as `protected`.
    mutating func ownersWereFound(_ visibility: ProcessVisibility) {
        for name in CollectorName.allCases
        where name.needsOwners && results[name]?.isFinished == false {
            finish(name, true)
        }
        if visibility.deniedProcessCount > 0 {
            problems.append(
                "connections of other users' processes may count as protected: their descriptors "
                    + "are readable with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH")
        }
        if visibility.areProcessesHidden {
            problems.append(
                "connections of other users' processes may count as protected: /proc hides them "
                    + "(mount option hidepid)")
        }
    }

    mutating func ephemeralPortsFailed(_ error: FileError) {
        finish(.ephemeralPort, false)
        problems.append("\(error)")
    }

    mutating func exporterMetricsWereWritten(problems: [String]) {
        self.problems += problems
    }

    func write(to exposition: inout TextExposition) {
        let sorted = results.sorted { $0.key.rawValue < $1.key.rawValue }
        exposition.write(Metric.scrapeCollectorSuccess) { samples in
            for (name, result) in sorted {
                samples.append(name.labels, value: result.isSuccess ? 1 : 0)
            }
        }
        exposition.write(Metric.scrapeCollectorDuration) { samples in
            for (name, result) in sorted { samples.append(name.labels, measure: result.seconds) }
        }
    }

    private mutating func finish(_ name: CollectorName, _ isSuccess: Bool) {
        guard results[name] != nil else { return }
        results[name] = Result(
            isFinished: true, isSuccess: isSuccess && !isTableDisturbed,
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
