/// What stands before the routes: it sees every request first, whatever its path and method, and passes
/// it on or answers it.
package protocol Middleware: Sendable {
    /// What every response carries that has no header of that name itself.
    var responseHeaders: [(name: String, value: String)] { get }

    /// Decides on a request, now or later. Called on a worker thread, so it must not block.
    func handle(_ request: HTTPRequest, _ exchange: MiddlewareExchange)
}

/// A middleware's end of one request: the right to pass it on or to answer it, once, from any thread, at
/// any time. One that is dropped undecided is answered 500.
package struct MiddlewareExchange: Sendable {
    private let exchange: HTTPExchange
    private let next: @Sendable (HTTPExchange) -> Void

    init(_ exchange: HTTPExchange, next: @escaping @Sendable (HTTPExchange) -> Void) {
        self.exchange = exchange
        self.next = next
    }

    /// Passes the request on to its route, whose handler is called on this thread.
    package func proceed() {
        next(exchange)
    }

    /// Answers the request.
    package func respond(_ response: HTTPResponse) {
        exchange.respond(response)
    }
}
