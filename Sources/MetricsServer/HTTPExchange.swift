/// A handler's end of one request: the right to answer it, once, from any thread, at any time.
///
/// The handler may answer before it returns or keep the exchange and answer later; no thread
/// waits meanwhile. An exchange that is let go unanswered answers 500.
package final class HTTPExchange: Sendable {
    private let answer: PendingAnswer

    init(_ answer: PendingAnswer) {
        self.answer = answer
    }

    /// Answers the request. The first call counts; later ones, and those after the client has
    /// gone or the server has stopped, do nothing.
    package func respond(_ response: HTTPResponse) {
        answer.respond(response)
    }

    deinit {
        answer.respond(.unanswered)
    }
}
