import CMicroHTTPD

/// What stands behind libmicrohttpd's callbacks: all that is the same for every request.
final class RequestService: Sendable {
    let requests: RequestLedger
    let connections: ConnectionLedger
    let log: @Sendable (String) -> Void
    private let routes: RouteTable
    private let monitor: ServerMonitor

    /// A connection is about to be closed.
    func close(_ connection: ClientConnection) { monitor.close(connection.descriptor) }

    init(
        routes: [Route], monitor: ServerMonitor, log: @escaping @Sendable (String) -> Void
    ) {
        self.routes = RouteTable(routes)
        self.monitor = monitor
        requests = monitor.requests
        connections = monitor.connections
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
        switch routes.match(method: target.method, path: target.path) {
        case .refusal(let response): return send(response, to: target)
        case .handler(let handler): return call(handler, for: request, target: target)
        }
    }

    private func call(
        _ handler: Route.Handler, for request: RequestUnderWay, target: RequestTarget
    ) -> MHD_Result {
        let answer = PendingAnswer()
        switch requests.admit(answer, of: target.connection.client) {
        case .full: return send(.tooManyRequests, to: target)
        case .stopping: return send(.stopping, to: target)
        case .admitted: break
        }
        request.answer = answer
        // The exchange is not kept here: should the handler drop it, that is an answer.
        handler(HTTPRequest(target), HTTPExchange(answer, monitor))
        return fetch(answer, for: target)
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
        return target.connection.queue(response)
    }
}

/// What is remembered of one request between libmicrohttpd's calls. They come one after the other,
/// so it needs no lock.
final class RequestUnderWay {
    /// Set once a handler has been called.
    var answer: PendingAnswer?
    var bodyByteCount = 0
}
