import CMicroHTTPD

/// What stands behind libmicrohttpd's callbacks: all that is the same for every request.
final class RequestService: Sendable {
    let requests: RequestLedger
    let connections: ConnectionLedger
    let log: @Sendable (String) -> Void
    private let routes: RouteTable
    private let requestGuard: any RequestGuard
    private let monitor: ServerMonitor
    /// Nil serves plain HTTP.
    let security: (any ConnectionSecurity)?

    /// A connection is about to be closed.
    func close(_ connection: ClientConnection) { monitor.close(connection.descriptor) }

    init(
        routes: [Route], requestGuard: any RequestGuard = NoGuard(), monitor: ServerMonitor,
        security: (any ConnectionSecurity)? = nil, log: @escaping @Sendable (String) -> Void
    ) {
        self.routes = RouteTable(routes)
        self.requestGuard = requestGuard
        self.monitor = monitor
        requests = monitor.requests
        connections = monitor.connections
        self.security = security
        self.log = log
    }

    /// Throws away a part of a request's body; refuses, which closes the connection, when it was
    /// too much.
    func discard(_ byteCount: Int, of request: RequestUnderWay) -> MHD_Result {
        request.bodyByteCount += byteCount
        return request.bodyByteCount <= monitor.limits.requestBodyBytesMax ? .YES : .NO
    }

    /// Goes on with a request that has been read to its end: called first to answer it, and again
    /// if its connection was suspended and has been resumed.
    func proceed(with request: RequestUnderWay, target: RequestTarget) -> MHD_Result {
        if let answer = request.answer {
            return fetch(answer, for: target)
        }
        let answer = PendingAnswer()
        guard requests.hold(answer) else { return send(.stopping, to: target) }
        request.answer = answer
        let asked = HTTPRequest(target)
        let client = target.connection.client
        // The exchange is not kept here: should the guard or the handler drop it, that is an answer.
        requestGuard.examine(
            asked,
            Entrance(HTTPExchange(answer, monitor)) { [self] exchange in
                admit(asked, exchange, answer, of: client)
            })
        return fetch(answer, for: target)
    }

    /// Takes a request to its route, once it is past the guard; on any thread.
    private func admit(
        _ request: HTTPRequest, _ exchange: HTTPExchange, _ answer: PendingAnswer,
        of client: ClientAddress?
    ) {
        switch routes.match(method: request.method, path: request.path) {
        case .refusal(let response): exchange.respond(response)
        case .handler(let handler):
            switch requests.admit(answer, of: client) {
            case .admitted: handler(request, exchange)
            case .full: exchange.respond(.tooManyRequests)
            case .over: break
            }
        }
    }

    private func fetch(_ answer: PendingAnswer, for target: RequestTarget) -> MHD_Result {
        guard let response = answer.take(orSuspend: target.connection) else {
            // It may have been resumed already; but this thread, which goes on with it, is still here.
            connections.move(target.connection.descriptor, to: .handling)
            return .YES
        }
        requests.settle(answer)
        return send(response, to: target)
    }

    private func send(_ response: HTTPResponse, to target: RequestTarget) -> MHD_Result {
        connections.answer(target.connection.descriptor, status: response.status)
        return target.connection.queue(response.adding(requestGuard.headers))
    }
}

/// What is remembered of one request between libmicrohttpd's calls. They come one after the other,
/// so it needs no lock.
final class RequestUnderWay {
    /// Set once the guard has been asked.
    var answer: PendingAnswer?
    var bodyByteCount = 0
}
