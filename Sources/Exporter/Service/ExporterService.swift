import Linux
package import Logging
package import MetricsServer
import SystemPackage
import WebAccess
package import WebConfiguration

/// The exporter as an HTTP service. It scrapes on demand, one scrape at a time.
package final class ExporterService: Sendable {
    /// The addresses it listens on, with the ports that the kernel chose.
    package var boundAddresses: [ListenAddress] { server.boundAddresses }

    /// Paths that are in use, and cannot be the telemetry path.
    package static let reservedPaths = HealthPaths.all + PageAssets.paths

    /// The statistics of its server.
    var statistics: ServerStatistics { monitor.statistics }

    private let server: MetricsServer
    private let monitor: ServerMonitor

    /// Starts listening and answering requests, until `stop`.
    ///
    /// - Parameters:
    ///   - reduced: Scrapes while the scraper hangs.
    ///   - telemetryPath: The path of the metrics, below the prefix.
    ///   - web: Authentication, rate limit and headers; nil allows every request.
    ///   - security: TLS for every connection; nil serves plain HTTP.
    package init(
        _ scraper: sending Scraper, reduced: sending Scraper, listening addresses: [ListenAddress],
        telemetryPath: String, below prefix: RoutePrefix = .none, limits: ServerLimits,
        web: WatchedWebConfiguration? = nil,
        security: (any ConnectionSecurity)? = nil, logger: Logger,
        stuckAfter scrapeLimits: ScrapeFlights.Limits = ScrapeFlights.Limits()
    ) throws(MetricsServerError) {
        let readiness = Readiness()
        let monitor = ServerMonitor(limits)
        self.monitor = monitor
        var (scraper, reduced) = (scraper, reduced)
        scraper.publish(monitor, readiness)
        reduced.publish(monitor, readiness)
        let collectors = scraper.collectors
        let flights: ScrapeFlights
        do throws(Errno) {
            flights = try ScrapeFlights(
                scraper, reduced: reduced, readiness, logger, scrapeLimits)
        } catch {
            throw .noThread(error)
        }
        var routes = [Self.metricsRoute(telemetryPath, collectors, flights)] + readiness.routes
        if telemetryPath != "/" {
            routes += PageAssets.routes
            routes.append(
                Route(path: "/") { _, exchange in
                    flights.request(for: exchange) { $0.page(telemetryPath: telemetryPath) }
                })
        }
        server = try MetricsServer(
            listening: addresses, monitor: monitor, routes: prefix.apply(to: routes),
            middleware: Self.middleware(web), security: security
        ) { line in
            logger.debug("\(line)")
        }
    }

    /// Answers pending requests, and closes all connections.
    package func stop() {
        server.stop()
    }

    private static func middleware(_ web: WatchedWebConfiguration?) -> WebMiddleware? {
        web.map { WebMiddleware($0, authenticator: BasicAuthenticator(run: Thread.detach)) }
    }

    /// The route of the metrics. Requests share a scrape that is in progress, whatever format they
    /// ask for.
    private static func metricsRoute(
        _ path: String, _ collectors: Set<CollectorName>, _ flights: ScrapeFlights
    ) -> Route {
        Route(path: path) { request, exchange in
            do throws(CollectorChoice.Refusal) {
                let variant = try ResponseVariant(request, of: collectors)
                if let seconds = ScrapeDeadline.seconds(request.header(ScrapeDeadline.headerName)) {
                    exchange.respond(
                        ScrapeDeadline.response(afterSeconds: seconds),
                        unlessAnsweredWithin: seconds)
                }
                flights.request(for: exchange) { $0.response(variant) }
            } catch {
                exchange.respond(.text("\(error)", status: 400))
            }
        }
    }
}
