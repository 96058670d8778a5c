import Linux
import SystemPackage

/// A server's limits, who is up against them now, and what has come of it.
///
/// Made before its server, so that a route can tell of it.
package final class ServerMonitor: Sendable {
    package let limits: ServerLimits
    let requests: RequestLedger
    let connections: ConnectionLedger
    private let timer: DeadlineTimer

    /// Traps on limits that make no sense.
    package init(_ limits: ServerLimits) {
        limits.check()
        self.limits = limits
        let requests = RequestLedger(awaitedMax: limits.maxRequests)
        let connections = ConnectionLedger(limits)
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
        statistics.awaitedRequests = requests.awaitedCount
        return statistics
    }

    /// Starts the thread that ends what has lasted too long.
    func start() throws(Errno) { try timer.start() }

    /// Ends it.
    func stop() { timer.stop() }

    /// A connection is about to be closed.
    func close(_ descriptor: CInt) {
        if let due = connections.close(descriptor) { timer.schedule(by: due) }
    }

    /// Sets what is answered if an answer is not there in time.
    func setResort(_ response: HTTPResponse, of answer: PendingAnswer, due: MonotonicTime) {
        requests.setResort(response, of: answer, due: due)
        timer.schedule(by: due)
    }
}
