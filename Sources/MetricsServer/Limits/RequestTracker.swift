import Linux

/// Which requests are in progress: what `maxRequests` counts, who waits for a place, and whom to answer when
/// the server stops.
final class RequestTracker: Sendable {
    /// Calls a request's handler.
    typealias Handle = @Sendable () -> Void

    private let state = ConditionLock(RequestTable())
    /// 0 is no limit.
    private let inFlightMax: Int

    init(inFlightMax: Int) {
        self.inFlightMax = inFlightMax
    }

    /// A request's headers are there.
    func open() {
        state.update { $0.openCount += 1 }
    }

    /// A request is over, well or badly.
    func close(_ response: PendingResponse?) {
        state.update { $0.openCount -= 1 }
        if let response { settle(response) }
    }

    /// A request has been read. Unless the server is stopping, its response must be settled or closed
    /// later.
    ///
    /// - Returns: Whether it may be handled.
    func begin(_ response: PendingResponse, from client: ClientAddress?) -> Bool {
        state.update { $0.begin(response, from: client) }
    }

    /// Has a request handled: now on this thread, or when a place is free, on another. Clients take turns,
    /// so that many requests from a few addresses hold nobody up.
    ///
    /// - Parameter fallback: What is sent if it has to wait for longer.
    func admit(
        _ response: PendingResponse, _ fallback: RequestTable.Fallback, _ handle: @escaping Handle
    ) {
        state.update { $0.wait(response, fallback, handle) }
        handleNext()
    }

    /// Sets what is sent if there is no response in time.
    func setFallback(_ fallback: RequestTable.Fallback, of response: PendingResponse) {
        state.update { $0.setFallback(fallback, of: response) }
    }

    /// Sends the fallbacks that are due.
    ///
    /// - Returns: When the next one is; nil while there is none.
    func expire(at now: MonotonicTime) -> MonotonicTime? {
        let (late, next) = state.update { $0.fallbacks(at: now) }
        for (response, fallback) in late { response.respond(fallback) }
        return next
    }

    /// Requests that wait for their handler's response.
    var inFlightCount: Int { state.update { $0.inFlightCount } }

    /// The response has been fetched.
    func settle(_ response: PendingResponse) {
        // Released after the lock, for its end may be that of an exchange.
        _ = state.update { $0.remove(response) }
        handleNext()
    }

    /// Handles whose turn it is, while there are places.
    private func handleNext() {
        while let handle = state.update({ $0.next(inFlightMax: inFlightMax) }) { handle() }
    }

    /// Handles nothing more and answers whatever waits. On return no connection is suspended, nor will one
    /// be: a handler that still runs finds its request answered.
    func stop() {
        for response in state.update({ $0.stop() }) { response.respond(.stopping) }
    }

    /// Waits until every request is completed, so that the last responses leave; for that long at most,
    /// since a client may be slow to read.
    func drain(within duration: Duration) {
        _ = state.wait(until: .now + duration) { $0.openCount > 0 ? nil : true }
    }
}
