import Glibc
import Linux
import Synchronization

/// Which requests are under way: what `maxRequests` counts, and whom to tell when stopping.
final class RequestLedger: Sendable {
    /// Whether a handler may be called.
    enum Admission {
        case admitted, full
        /// The client has its answer, or is gone.
        case over
    }

    /// An answer that a handler owes.
    fileprivate struct Awaited {
        let answer: PendingAnswer
        let client: ClientAddress?
        /// What is answered instead when it is not there by then.
        var resort: (due: MonotonicTime, response: HTTPResponse)?
    }

    fileprivate struct State {
        /// Before the guard; they do not count, or those whom it turns away could lock out the others.
        var guarded: [ObjectIdentifier: PendingAnswer] = [:]
        /// Handed to a handler, answer not fetched yet.
        var awaited: [ObjectIdentifier: Awaited] = [:]
        /// Known to libmicrohttpd, not completed: headers read, answer not sent to its end.
        var openCount = 0
        var isStopping = false
    }

    private let state = Mutex(State())
    /// 0 is no limit.
    private let awaitedMax: Int

    init(awaitedMax: Int) {
        self.awaitedMax = awaitedMax
    }

    /// A request's headers are there.
    func open() {
        state.withLock { $0.openCount += 1 }
    }

    /// A request is over, well or badly.
    func close(_ answer: PendingAnswer?) {
        state.withLock { state in
            state.openCount -= 1
            if let answer { state.remove(answer) }
        }
    }

    /// A request comes before the guard. Unless the server is stopping, its answer must be settled or
    /// closed later.
    ///
    /// - Returns: Whether it may.
    func hold(_ answer: PendingAnswer) -> Bool {
        state.withLock { state in
            guard !state.isStopping else { return false }
            state.guarded[ObjectIdentifier(answer)] = answer
            return true
        }
    }

    /// Asks for a handler to be called, of a request that was before the guard. Any thread may ask.
    ///
    /// When all places are taken, a client that has two fewer than the greediest takes one of its: a
    /// crowd of requests from a few addresses cannot lock out a scraper.
    func admit(_ answer: PendingAnswer, of client: ClientAddress?) -> Admission {
        let (admission, displaced) = state.withLock { state -> (Admission, PendingAnswer?) in
            let held = state.guarded.removeValue(forKey: ObjectIdentifier(answer))
            guard held != nil, !state.isStopping else { return (.over, nil) }
            var displaced: PendingAnswer?
            if awaitedMax > 0, state.awaited.count >= awaitedMax {
                displaced = state.displace(for: client)
                guard displaced != nil else { return (.full, nil) }
            }
            state.awaited[ObjectIdentifier(answer)] = Awaited(answer: answer, client: client)
            return (.admitted, displaced)
        }
        displaced?.respond(.tooManyRequests)
        return admission
    }

    /// Sets what is answered if the handler's answer is not there in time.
    func setResort(_ response: HTTPResponse, of answer: PendingAnswer, due: MonotonicTime) {
        state.withLock { state in
            state.awaited[ObjectIdentifier(answer)]?.resort = (due, response)
        }
    }

    /// Answers whatever is due.
    ///
    /// - Returns: When the next one is; nil while there is none.
    func expire(at now: MonotonicTime) -> MonotonicTime? {
        let (late, next) = state.withLock { state in
            let resorts = state.awaited.values.compactMap { awaited in
                awaited.resort.map { (awaited.answer, $0) }
            }
            return (
                resorts.filter { $0.1.due <= now },
                resorts.map(\.1.due).filter { $0 > now }.min()
            )
        }
        for (answer, resort) in late { answer.respond(resort.response) }
        return next
    }

    /// Requests whose answer is awaited.
    var awaitedCount: Int { state.withLock { $0.awaited.count } }

    /// The answer has been fetched.
    func settle(_ answer: PendingAnswer) {
        state.withLock { $0.remove(answer) }
    }

    /// Admits nothing more and answers whatever is awaited. On return no connection is suspended,
    /// nor will one be: a handler that still runs finds its answer already given.
    func stop() {
        let pending = state.withLock { state in
            state.isStopping = true
            return Array(state.guarded.values) + state.awaited.values.map(\.answer)
        }
        for answer in pending { answer.respond(.stopping) }
    }

    /// Waits until every request is completed, so that the last answers leave; a second at most,
    /// for a client may be slow to read.
    func drain() {
        let stepMicroseconds: UInt32 = 2000
        let stepsMax = 500
        for _ in 0..<stepsMax {
            guard state.withLock({ $0.openCount }) > 0 else { return }
            usleep(stepMicroseconds)
        }
    }
}

extension RequestLedger.State {
    /// Nothing happens to one that is not there any more.
    fileprivate mutating func remove(_ answer: PendingAnswer) {
        guarded[ObjectIdentifier(answer)] = nil
        awaited[ObjectIdentifier(answer)] = nil
    }

    /// Takes a place from the client that has the most, if it would still have as many as the other.
    /// Those without an address are one client. They are counted here only, where there are too many.
    fileprivate mutating func displace(for client: ClientAddress?) -> PendingAnswer? {
        let counts = awaited.values.reduce(into: [ClientAddress?: Int]()) { counts, awaited in
            counts[awaited.client, default: 0] += 1
        }
        guard let greediest = counts.max(by: { $0.value < $1.value }),
            greediest.value > counts[client, default: 0] + 1,
            let chosen = awaited.values.first(where: { $0.client == greediest.key })
        else { return nil }
        remove(chosen.answer)
        return chosen.answer
    }
}
