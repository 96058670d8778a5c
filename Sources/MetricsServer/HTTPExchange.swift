import Linux

/// A handler's end of one request: the right to answer it, once, from any thread, at any time.
///
/// The handler may answer before it returns or keep the exchange and answer later; no thread
/// waits meanwhile. An exchange that is let go unanswered answers 500.
package final class HTTPExchange: Sendable {
    private let answer: PendingAnswer
    private let monitor: ServerMonitor

    init(_ answer: PendingAnswer, _ monitor: ServerMonitor) {
        self.answer = answer
        self.monitor = monitor
    }

    /// Answers the request. The first call counts; later ones, and those after the client has
    /// gone or the server has stopped, do nothing.
    package func respond(_ response: HTTPResponse) {
        answer.respond(response)
    }

    /// Answers the request so when nobody has answered it after that many seconds.
    ///
    /// May be called before `respond` only, and once.
    package func respond(_ response: HTTPResponse, unlessAnsweredWithin seconds: Double) {
        monitor.setResort(
            response, of: answer, due: MonotonicTime.now + .seconds(seconds))
    }

    /// Whether an answer would still reach the client: none has been given, and it has not gone.
    package var isAwaited: Bool { answer.isAwaited }

    deinit {
        if answer.isAwaited { answer.respond(.unanswered) }
    }
}
