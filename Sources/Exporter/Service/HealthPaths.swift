import MetricsServer
import Synchronization

/// The paths of health checks. They do not scrape.
package enum HealthPaths {
    /// Always 200: the process runs and answers requests.
    package static let healthy = "/-/healthy"
    /// 503 after a scrape that could not read the table, and while one hangs; else 200, also before the
    /// first scrape. Only a scrape changes it, so a scraper must not wait until it is 200.
    package static let ready = "/-/ready"

    /// Both paths.
    package static let all = [healthy, ready]
}

/// Whether the exporter is ready: the result of the last scrape, and whether one hangs.
package final class Readiness: Sendable {
    private let isTableRead = Atomic(true)
    private let stuckCount = Atomic(0)

    package init() {}

    /// Scrapes that hang.
    var stuckScrapeCount: Int { stuckCount.load(ordering: .relaxed) }

    /// Notes that a scrape hangs, or does no longer.
    func scrapeIsStuck(_ isStuck: Bool) { stuckCount.add(isStuck ? 1 : -1, ordering: .relaxed) }

    /// Updates the readiness after a scrape.
    func update(_ scrape: Scrape) {
        isTableRead.store(scrape.isTableRead, ordering: .relaxed)
    }

    /// The routes of both paths.
    var routes: [Route] {
        let healthy = HTTPResponse.text("healthy")
        let ready = HTTPResponse.text("ready")
        let unready = HTTPResponse.text(
            "not ready: the last scrape could not read the TCP table; see the log", status: 503)
        let stuck = HTTPResponse.text("not ready: a scrape hangs; see the log", status: 503)
        return [
            Route(path: HealthPaths.healthy, isLimited: false) { _, exchange in
                exchange.respond(healthy)
            },
            Route(path: HealthPaths.ready, isLimited: false) { [self] _, exchange in
                guard stuckScrapeCount == 0 else { return exchange.respond(stuck) }
                exchange.respond(isTableRead.load(ordering: .relaxed) ? ready : unready)
            },
        ]
    }
}
