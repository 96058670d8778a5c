package import Logging
import Synchronization

/// Logs each problem when it begins and when it is resolved, not at every scrape.
package final class ProblemLog: Sendable {
    private let logger: Logger
    private let current = Mutex<Set<String>>([])

    package init(logger: Logger) {
        self.logger = logger
    }

    /// Reports the problems of one scrape.
    package func report(_ problems: [String]) {
        let (begun, ended) = current.withLock { current in
            let (before, now) = (current, Set(problems))
            current = now
            return (now.subtracting(before), before.subtracting(now))
        }
        for problem in begun.sorted() { logger.warning("\(problem)") }
        for problem in ended.sorted() { logger.info("resolved: \(problem)") }
    }
}
