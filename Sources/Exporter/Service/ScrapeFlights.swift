import Linux
import Logging
import MetricsServer
import Synchronization
import SystemPackage

/// The scrapes that requests wait for, one at a time, and what they get while a scrape hangs.
///
/// A scrape hangs when the kernel does not answer: another dump holds its mutex up (before Linux 6.9), or
/// /proc does not respond. Requests then get a reduced scrape, which reads the table alone. If that hangs
/// too, they get what needs no reading, with the status 503. Two threads are lost at most.
package final class ScrapeFlights: Sendable {
    /// How long a scrape may go without progress. Slow ones get on: they read large tables.
    package struct Limits: Sendable {
        var whole = Duration.seconds(5)
        var reduced = Duration.seconds(2)

        package init() {}
    }

    private let whole: SingleFlight<ScrapeResponses>
    private let reduced: SingleFlight<ScrapeResponses>
    private let unread: @Sendable () -> Scrape

    init(
        _ scraper: sending Scraper, reduced: sending Scraper, _ readiness: Readiness,
        _ logger: Logger, _ limits: Limits = Limits()
    ) throws(Errno) {
        unread = scraper.unread
        let seconds = limits.whole / .seconds(1)
        whole = try Self.flight(
            scraper, timeMax: limits.whole, readiness, logger,
            problem: """
                a scrape has made no progress for \(seconds) s: until it ends, only the collectors state \
                and ephemeral-port work
                """, finish: readiness.update)
        self.reduced = try Self.flight(
            reduced, timeMax: limits.reduced, readiness, logger,
            problem: "the kernel does not answer: no TCP table can be read")
    }

    /// Answers with a response made from the shared scrape, unless the client is gone by then.
    func request(
        for exchange: HTTPExchange, _ answer: @escaping @Sendable (ScrapeResponses) -> HTTPResponse
    ) {
        let deliver: @Sendable (ScrapeResponses) -> Void = { exchange.respond(answer($0)) }
        let isWaiting: @Sendable () -> Bool = { exchange.isAwaited }
        whole.request(while: isWaiting, deliver) { [reduced, unread] in
            reduced.request(while: isWaiting, deliver) { deliver(ScrapeResponses(unread())) }
        }
    }

    /// - Parameter problem: What is logged when the scrape hangs, and again when it ends.
    private static func flight(
        _ scraper: sending Scraper, timeMax: Duration, _ readiness: Readiness, _ logger: Logger,
        problem: String, finish: @escaping @Sendable (Scrape) -> Void = { _ in }
    ) throws(Errno) -> SingleFlight<ScrapeResponses> {
        let progress = scraper.progress
        let scraper = Mutex(scraper)
        let problems = ProblemLog(logger: logger)
        let report: @Sendable (Bool) -> Void = { isStuck in
            readiness.scrapeIsStuck(isStuck)
            if isStuck { logger.error("\(problem)") } else { logger.info("resolved: \(problem)") }
        }
        return try SingleFlight(timeMax: timeMax, progress: progress, report: report) {
            let scrape = scraper.withLock { $0.scrape() }
            problems.report(scrape.problems)
            finish(scrape)
            return ScrapeResponses(scrape)
        }
    }
}
