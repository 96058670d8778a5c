package import MetricsServer
import Synchronization
package import WebConfiguration

/// Enforces a web configuration before every route: the rate limit first, then the password. Adds the
/// configured headers to every response, its own included.
package final class WebMiddleware: Middleware {
    private let file: WatchedWebConfiguration
    private let authenticator: BasicAuthenticator
    private let clock: WebConfigurationClock
    private let bucket = Mutex<TokenBucket?>(nil)

    package init(
        _ file: WatchedWebConfiguration, authenticator: BasicAuthenticator,
        clock: WebConfigurationClock = .real
    ) {
        self.file = file
        self.authenticator = authenticator
        self.clock = clock
    }

    package var responseHeaders: [(name: String, value: String)] {
        file.current.configuration.headers.map { ($0.name, $0.value) }
    }

    package func handle(_ request: HTTPRequest, _ exchange: MiddlewareExchange) {
        let current = file.refresh()
        guard admits(current.configuration.rateLimit) else { return exchange.respond(.limited) }
        let users = current.configuration.users
        guard !users.isEmpty else { return exchange.proceed() }
        authenticator.check(request.header("Authorization"), users, from: request.client) {
            verdict in
            switch verdict {
            case .accepted: exchange.proceed()
            case .refused: exchange.respond(.unauthorized)
            case .busy: exchange.respond(.busy)
            }
        }
    }

    private func admits(_ limit: RateLimit?) -> Bool {
        bucket.withLock { bucket in
            guard let limit else {
                bucket = nil
                return true
            }
            let now = clock.monotonic()
            var used =
                bucket.flatMap { $0.isOf(limit) ? $0 : nil }
                ?? TokenBucket(limit, at: now)
            defer { bucket = used }
            return used.admits(at: now)
        }
    }
}

extension HTTPResponse {
    fileprivate static let limited = text(
        "too many requests", status: 429, headers: [(name: "Retry-After", value: "1")])

    /// RFC 7617, sections 2 and 2.1.
    fileprivate static let unauthorized = text(
        "unauthorized", status: 401,
        headers: [
            (
                name: "WWW-Authenticate",
                value: "Basic realm=\"tcptable_exporter\", charset=\"UTF-8\""
            )
        ])

    fileprivate static let busy = text(
        "too many passwords are being checked", status: 503,
        headers: [(name: "Retry-After", value: "1")])
}
