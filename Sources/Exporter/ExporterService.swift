import Exposition
package import Logging
package import MetricsServer
import Synchronization
package import TCPConnections

/// The exporter as an HTTP service: scrapes on demand, one at a time, whoever asks.
package final class ExporterService: Sendable {
    /// Where it listens, with the ports that the kernel chose.
    package var boundAddresses: [ListenAddress] { server.boundAddresses }

    private let server: MetricsServer

    /// Listens and answers from now on, until `stop`.
    package init<Source: TCPTableSource>(
        _ scraper: sending Scraper<Source>, listening addresses: [ListenAddress],
        telemetryPath: String, limits: ServerLimits, logger: Logger
    ) throws(MetricsServerError) {
        let flight = Self.flight(scraper, ProblemLog(logger: logger))
        var routes = [
            Route(path: telemetryPath) { _, exchange in
                flight.request { scrape in exchange.respond(scrape.response) }
            }
        ]
        if telemetryPath != "/" {
            let page = HTTPResponse(
                contentType: "text/html; charset=utf-8",
                body: Array(LandingPage.html(telemetryPath: telemetryPath).utf8))
            routes.append(Route(path: "/") { _, exchange in exchange.respond(page) })
        }
        server = try MetricsServer(listening: addresses, limits: limits, routes: routes) { line in
            logger.debug("\(line)")
        }
    }

    /// The service of this host's own table.
    package convenience init(
        _ options: ScraperOptions, listening addresses: [ListenAddress], telemetryPath: String,
        limits: ServerLimits, logger: Logger
    ) throws(MetricsServerError) {
        let source = KernelTCPTable(procfs: options.procfs)
        try self.init(
            Scraper(options, source: source), listening: addresses, telemetryPath: telemetryPath,
            limits: limits, logger: logger)
    }

    /// Answers what is still awaited, and closes.
    package func stop() {
        server.stop()
    }

    private static func flight<Source: TCPTableSource>(
        _ scraper: sending Scraper<Source>, _ problems: ProblemLog
    ) -> SingleFlight<Scrape> {
        let scraper = Mutex(scraper)
        return SingleFlight {
            let scrape = scraper.withLock { $0.scrape() }
            problems.report(scrape.problems)
            return scrape
        }
    }
}

extension Scrape {
    /// Without the table there is no truth to tell: 503, so that no scraper stores anything.
    fileprivate var response: HTTPResponse {
        HTTPResponse(
            status: isTableRead ? 200 : 503, contentType: TextExposition.contentType,
            body: exposition)
    }
}
