import Linux

/// Which requests are in progress: what `maxRequests` counts, and whom to answer when the server stops.
final class RequestTracker: Sendable {
    /// Whether a handler may be called.
    enum Admission {
        case admitted, full
        /// The client has its response, or is gone.
        case over
    }

    /// A response that a handler owes.
    fileprivate struct InFlight {
        let response: PendingResponse
        let client: ClientAddress?
        /// What is sent instead when there is no response by then.
        var fallback: (due: MonotonicTime, response: HTTPResponse)?
    }

    fileprivate struct State {
        /// With the middleware. They do not count, or those whom it refuses could lock out the others.
        var inMiddleware: [ObjectIdentifier: PendingResponse] = [:]
        /// Handed to a handler, response not fetched yet.
        var inFlight: [ObjectIdentifier: InFlight] = [:]
        /// Known to libmicrohttpd, not completed: headers read, response not sent to its end.
        var openCount = 0
        var isStopping = false
    }

    private let state = ConditionLock(State())
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
        state.update { state in
            state.openCount -= 1
            if let response { state.remove(response) }
        }
    }

    /// A request comes to the middleware. Unless the server is stopping, its response must be settled or
    /// closed later.
    ///
    /// - Returns: Whether it may.
    func begin(_ response: PendingResponse) -> Bool {
        state.update { state in
            guard !state.isStopping else { return false }
            state.inMiddleware[ObjectIdentifier(response)] = response
            return true
        }
    }

    /// Asks for a handler to be called, after the middleware. Any thread may ask.
    ///
    /// When all places are taken, a client that has at least two fewer than the client with the most takes
    /// one of that client's: many requests from a few addresses cannot lock out a scraper.
    func admit(_ response: PendingResponse, from client: ClientAddress?) -> Admission {
        let (admission, evicted) = state.update { state -> (Admission, PendingResponse?) in
            let begun = state.inMiddleware.removeValue(forKey: ObjectIdentifier(response))
            guard begun != nil, !state.isStopping else { return (.over, nil) }
            var evicted: PendingResponse?
            if inFlightMax > 0, state.inFlight.count >= inFlightMax {
                evicted = state.evict(for: client)
                guard evicted != nil else { return (.full, nil) }
            }
            state.inFlight[ObjectIdentifier(response)] = InFlight(
                response: response, client: client)
            return (.admitted, evicted)
        }
        evicted?.respond(.tooManyRequests)
        return admission
    }

    /// Sets what is sent if the handler's response is not there in time.
    func setFallback(_ fallback: HTTPResponse, of response: PendingResponse, due: MonotonicTime) {
        state.update { $0.inFlight[ObjectIdentifier(response)]?.fallback = (due, fallback) }
    }

    /// Sends the fallbacks that are due.
    ///
    /// - Returns: When the next one is; nil while there is none.
    func expire(at now: MonotonicTime) -> MonotonicTime? {
        let (late, next) = state.update { state in
            let fallbacks = state.inFlight.values.compactMap { inFlight in
                inFlight.fallback.map { (inFlight.response, $0) }
            }
            return (
                fallbacks.filter { $0.1.due <= now },
                fallbacks.map(\.1.due).filter { $0 > now }.min()
            )
        }
        for (response, fallback) in late { response.respond(fallback.response) }
        return next
    }

    /// Requests that wait for their handler's response.
    var inFlightCount: Int { state.update { $0.inFlight.count } }

    /// The response has been fetched.
    func settle(_ response: PendingResponse) {
        state.update { $0.remove(response) }
    }

    /// Admits nothing more and answers whatever waits. On return no connection is suspended, nor will one
    /// be: a handler that still runs finds its request answered.
    func stop() {
        let waiting = state.update { state in
            state.isStopping = true
            return Array(state.inMiddleware.values) + state.inFlight.values.map(\.response)
        }
        for response in waiting { response.respond(.stopping) }
    }

    /// Waits until every request is completed, so that the last responses leave; a second at most,
    /// for a client may be slow to read.
    func drain() {
        _ = state.wait(until: .now + .seconds(1)) { $0.openCount > 0 ? nil : true }
    }
}

extension RequestTracker.State {
    /// Nothing happens to one that is not there any more.
    fileprivate mutating func remove(_ response: PendingResponse) {
        inMiddleware[ObjectIdentifier(response)] = nil
        inFlight[ObjectIdentifier(response)] = nil
    }

    /// Takes a place from the client that has the most, if it would still have as many as the other.
    /// Those without an address are one client. They are counted here only, where there are too many.
    fileprivate mutating func evict(for client: ClientAddress?) -> PendingResponse? {
        let counts = inFlight.values.reduce(into: [ClientAddress?: Int]()) { counts, inFlight in
            counts[inFlight.client, default: 0] += 1
        }
        guard let most = counts.max(by: { $0.value < $1.value }),
            most.value > counts[client, default: 0] + 1,
            let chosen = inFlight.values.first(where: { $0.client == most.key })
        else { return nil }
        remove(chosen.response)
        return chosen.response
    }
}
