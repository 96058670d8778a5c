/// What stands before the routes: it sees every request first, whatever its path and method, and lets
/// it in or answers it.
package protocol RequestGuard: Sendable {
    /// What every answer carries that has no header of that name itself.
    var headers: [(name: String, value: String)] { get }

    /// Decides on a request, now or later. Called on a worker thread, so it must not block.
    func examine(_ request: HTTPRequest, _ entrance: Entrance)
}

/// A guard's end of one request: the right to let it in or to refuse it, once, from any thread, at any
/// time. One that is let go undecided is answered 500.
package struct Entrance: Sendable {
    private let exchange: HTTPExchange
    private let enter: @Sendable (HTTPExchange) -> Void

    init(_ exchange: HTTPExchange, enter: @escaping @Sendable (HTTPExchange) -> Void) {
        self.exchange = exchange
        self.enter = enter
    }

    /// Lets the request in: its route answers it, called on this thread.
    package func pass() {
        enter(exchange)
    }

    /// Answers the request.
    package func refuse(_ response: HTTPResponse) {
        exchange.respond(response)
    }
}

/// Lets everything in.
struct NoGuard: RequestGuard {
    var headers: [(name: String, value: String)] { [] }

    func examine(_ request: HTTPRequest, _ entrance: Entrance) {
        entrance.pass()
    }
}

extension HTTPResponse {
    /// The same answer with further headers, but for those that it has itself.
    func adding(_ more: [(name: String, value: String)]) -> HTTPResponse {
        let missing = more.filter { new in
            !headers.contains { equalIgnoringCase($0.name, new.name) }
        }
        guard !missing.isEmpty else { return self }
        return HTTPResponse(
            status: status, contentType: contentType, headers: headers + missing, body: body)
    }
}
