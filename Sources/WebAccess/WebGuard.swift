package import MetricsServer
import Synchronization
package import WebConfiguration

/// Keeps a web configuration's word before every route: the rate limit first, then who is asking; and
/// the configured headers on every answer, these refusals included.
package final class WebGuard: RequestGuard {
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

    package var headers: [(name: String, value: String)] {
        file.current.configuration.headers.map { ($0.name, $0.value) }
    }

    package func examine(_ request: HTTPRequest, _ entrance: Entrance) {
        let current = file.refresh()
        guard admits(current.configuration.rateLimit) else { return entrance.refuse(.limited) }
        let users = current.configuration.users
        guard !users.isEmpty else { return entrance.pass() }
        authenticator.check(
            request.header("Authorization"), users, generation: current.generation
        ) { verdict in
            switch verdict {
            case .accepted: entrance.pass()
            case .refused: entrance.refuse(.unauthorized)
            case .busy: entrance.refuse(.busy)
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
