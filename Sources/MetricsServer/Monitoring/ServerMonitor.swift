import Linux
import SystemPackage

/// A server's limits, how close its clients are to them now, and what has come of it.
///
/// Made before its server, so that a route can tell of it.
package final class ServerMonitor: Sendable {
    package let limits: ServerLimits
    let requests: RequestTracker
    let connections: ConnectionTracker
    private let timer: DeadlineTimer

    /// Traps on limits that make no sense.
    package init(_ limits: ServerLimits) {
        limits.check()
        self.limits = limits
        let requests = RequestTracker(inFlightMax: limits.maxRequests)
        let connections = ConnectionTracker(limits)
        timer = DeadlineTimer { now in
            [requests.expire(at: now), connections.expire(at: now)].compactMap { $0 }.min()
        }
        self.requests = requests
        self.connections = connections
    }

    /// What has been counted so far.
    package var statistics: ServerStatistics {
        var statistics = ServerStatistics()
        connections.read(into: &statistics)
        statistics.requestsInFlight = requests.inFlightCount
        return statistics
    }

    /// Starts the thread that ends what has lasted too long.
    func start() throws(Errno) { try timer.start() }

    /// Ends it.
    func stop() { timer.stop() }

    /// Has a request handled, when it is its turn.
    func admit(_ response: PendingResponse, _ handle: @escaping RequestTracker.Handle) {
        let due = MonotonicTime.now + .seconds(limits.queueTimeoutSeconds)
        let fallback = RequestTable.Fallback(due: due, response: .tooManyRequests)
        if requests.admit(response, fallback, handle) { timer.schedule(by: due) }
    }

    /// Sets what is sent if a response is not there in time.
    func setFallback(_ fallback: HTTPResponse, of response: PendingResponse, due: MonotonicTime) {
        requests.setFallback(RequestTable.Fallback(due: due, response: fallback), of: response)
        timer.schedule(by: due)
    }
}
