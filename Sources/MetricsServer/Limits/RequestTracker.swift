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
    /// - Returns: Whether it has to wait.
    func admit(
        _ response: PendingResponse, _ fallback: RequestTable.Fallback, _ handle: @escaping Handle
    ) -> Bool {
        let isAdmitted = state.update { state in
            let isAdmitted = state.admit(response, inFlightMax: inFlightMax)
            if !isAdmitted { state.wait(response, fallback, handle) }
            return isAdmitted
        }
        if isAdmitted { handle() }
        return !isAdmitted
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

/// The requests in progress: what a `RequestTracker` keeps under its lock.
struct RequestTable: Sendable {
    /// A request that has been read, and is not answered yet.
    struct Entry: Sendable {
        let response: PendingResponse
        let client: ClientAddress?
        var phase = Phase.middleware
        /// What is sent instead when there is no response by then.
        var fallback: Fallback?

        var isWaiting: Bool { if case .waiting = phase { true } else { false } }
    }

    /// A response for lack of another.
    struct Fallback: Sendable {
        let due: MonotonicTime
        let response: HTTPResponse
    }

    enum Phase: Sendable {
        /// With the middleware. It does not count, or requests that are refused could hold up others.
        case middleware
        /// Waits for a place.
        case waiting(RequestTracker.Handle)
        /// Handed to its handler.
        case inFlight
    }

    /// Known to libmicrohttpd, not completed: headers read, response not sent to its end.
    var openCount = 0
    private(set) var inFlightCount = 0
    private var entries: [ObjectIdentifier: Entry] = [:]
    /// Those that wait, and some that did.
    private var queue = FairQueue<ClientAddress?, PendingResponse>()
    private var waitingCount = 0
    private var isStopping = false

    mutating func begin(_ response: PendingResponse, from client: ClientAddress?) -> Bool {
        guard !isStopping else { return false }
        entries[ObjectIdentifier(response)] = Entry(response: response, client: client)
        return true
    }

    /// A request is in flight from now on, if there is a place.
    mutating func admit(_ response: PendingResponse, inFlightMax: Int) -> Bool {
        let id = ObjectIdentifier(response)
        guard inFlightMax == 0 || inFlightCount < inFlightMax, entries[id] != nil else {
            return false
        }
        entries[id]?.phase = .inFlight
        inFlightCount += 1
        return true
    }

    /// A request waits for its turn from now on. Nothing happens to one that is over.
    mutating func wait(
        _ response: PendingResponse, _ fallback: Fallback, _ handle: @escaping RequestTracker.Handle
    ) {
        let id = ObjectIdentifier(response)
        guard !isStopping, let entry = entries[id] else { return }
        entries[id]?.phase = .waiting(handle)
        entries[id]?.fallback = fallback
        waitingCount += 1
        queue.append(response, for: entry.client)
        // So that the queue does not grow with clients that ask and hang up.
        if queue.count > 2 * waitingCount + 64 {
            let waiting = entries.filter(\.value.isWaiting)
            queue.removeAll { waiting[ObjectIdentifier($0)] == nil }
        }
    }

    /// The handler of the request whose turn it is, which is in flight from now on; nil where there is none,
    /// or no place.
    mutating func next(inFlightMax: Int) -> RequestTracker.Handle? {
        while inFlightMax == 0 || inFlightCount < inFlightMax, let response = queue.popFirst() {
            let id = ObjectIdentifier(response)
            guard case .waiting(let handle) = entries[id]?.phase else { continue }
            entries[id]?.phase = .inFlight
            entries[id]?.fallback = nil
            waitingCount -= 1
            inFlightCount += 1
            return handle
        }
        return nil
    }

    mutating func setFallback(_ fallback: Fallback, of response: PendingResponse) {
        entries[ObjectIdentifier(response)]?.fallback = fallback
    }

    /// The fallbacks that are due, and when the next one is.
    func fallbacks(
        at now: MonotonicTime
    ) -> (late: [(PendingResponse, HTTPResponse)], next: MonotonicTime?) {
        let all = entries.values.compactMap { entry in
            entry.fallback.map { (due: $0.due, response: entry.response, fallback: $0.response) }
        }
        return (
            all.filter { $0.due <= now }.map { ($0.response, $0.fallback) },
            all.map(\.due).filter { $0 > now }.min()
        )
    }

    /// - Returns: What was kept of it. Nothing happens to one that is not there any more.
    mutating func remove(_ response: PendingResponse) -> Entry? {
        guard let entry = entries.removeValue(forKey: ObjectIdentifier(response)) else {
            return nil
        }
        switch entry.phase {
        case .middleware: break
        case .waiting: waitingCount -= 1
        case .inFlight: inFlightCount -= 1
        }
        return entry
    }

    /// - Returns: All requests that are not answered.
    mutating func stop() -> [PendingResponse] {
        isStopping = true
        return entries.values.map(\.response)
    }
}
