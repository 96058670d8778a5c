import MetricsServer
import Synchronization

/// The paths by which a supervisor asks how the exporter fares, without costing it a scrape.
package enum HealthPaths {
    /// The process runs and answers: always 200.
    package static let healthy = "/-/healthy"
    /// 200 unless the last scrape could not read the table; then 503, until one can. A scrape is what
    /// changes it, so scrapers must not wait for it. Before the first scrape it is 200: whoever listens
    /// can be asked, and a table nobody has asked for is not read.
    package static let ready = "/-/ready"

    /// Both of them.
    package static let all = [healthy, ready]
}

/// What is known of the exporter's readiness, from one scrape to the next.
final class Readiness: Sendable {
    private let isReady = Atomic(true)

    /// Takes in how a scrape went.
    func update(_ scrape: Scrape) {
        isReady.store(scrape.isTableRead, ordering: .relaxed)
    }

    /// What the paths answer.
    var routes: [Route] {
        let healthy = HTTPResponse.text("healthy")
        let ready = HTTPResponse.text("ready")
        let unready = HTTPResponse.text(
            "not ready: the last scrape could not read the TCP table, see the log", status: 503)
        return [
            Route(path: HealthPaths.healthy, isLimited: false) { _, exchange in
                exchange.respond(healthy)
            },
            Route(path: HealthPaths.ready, isLimited: false) { [self] _, exchange in
                exchange.respond(isReady.load(ordering: .relaxed) ? ready : unready)
            },
        ]
    }
}
