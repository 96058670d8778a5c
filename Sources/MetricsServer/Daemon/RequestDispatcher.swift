import CMicroHTTPD

/// What stands behind libmicrohttpd's callbacks: takes each request through the middleware to its route,
/// and its response back.
final class RequestDispatcher: Sendable {
    let requests: RequestTracker
    let connections: ConnectionTracker
    let log: @Sendable (String) -> Void
    /// Nil serves plain HTTP.
    let security: (any ConnectionSecurity)?
    private let routes: RouteTable
    /// Nil takes every request to its route.
    private let middleware: (any Middleware)?
    private let monitor: ServerMonitor

    init(
        routes: [Route], middleware: (any Middleware)? = nil, monitor: ServerMonitor,
        security: (any ConnectionSecurity)? = nil, log: @escaping @Sendable (String) -> Void
    ) {
        self.routes = RouteTable(routes)
        self.middleware = middleware
        self.monitor = monitor
        requests = monitor.requests
        connections = monitor.connections
        self.security = security
        self.log = log
    }

    /// Discards a part of a request's body; refuses, which closes the connection, when it was too much.
    func discardBody(_ byteCount: Int, of request: RequestContext) -> MHD_Result {
        request.bodyByteCount += byteCount
        return request.bodyByteCount <= monitor.limits.requestBodyBytesMax ? .YES : .NO
    }

    /// Goes on with a request that has been read to its end: called first to answer it, and again
    /// if its connection was suspended and has been resumed.
    func proceed(with context: RequestContext, _ incoming: IncomingRequest) -> MHD_Result {
        if let pending = context.response {
            return fetch(pending, for: incoming.connection)
        }
        let pending = PendingResponse()
        guard requests.begin(pending) else { return send(.stopping, to: incoming.connection) }
        context.response = pending
        start(HTTPRequest(incoming), pending, from: incoming.connection.client)
        return fetch(pending, for: incoming.connection)
    }

    /// The exchange is not kept here: should the middleware or the handler drop it, that is an answer.
    private func start(
        _ request: HTTPRequest, _ pending: PendingResponse, from client: ClientAddress?
    ) {
        let exchange = HTTPExchange(pending, monitor)
        guard let middleware else { return route(request, exchange, pending, from: client) }
        middleware.handle(
            request,
            MiddlewareExchange(exchange) { [self] exchange in
                route(request, exchange, pending, from: client)
            })
    }

    /// Takes a request to its route; on any thread.
    private func route(
        _ request: HTTPRequest, _ exchange: HTTPExchange, _ pending: PendingResponse,
        from client: ClientAddress?
    ) {
        switch routes.match(method: request.method, path: request.path) {
        case .refusal(let response): exchange.respond(response)
        case .handler(let handler):
            switch requests.admit(pending, from: client) {
            case .admitted: handler(request, exchange)
            case .full: exchange.respond(.tooManyRequests)
            case .over: break
            }
        }
    }

    private func fetch(
        _ pending: PendingResponse, for connection: ClientConnection
    ) -> MHD_Result {
        guard let response = pending.fetch(orSuspend: connection) else {
            // It may have been resumed already; but this thread, which goes on with it, is still here.
            connections.move(connection.descriptor, to: .handling)
            return .YES
        }
        requests.settle(pending)
        return send(response, to: connection)
    }

    private func send(_ response: HTTPResponse, to connection: ClientConnection) -> MHD_Result {
        connections.write(connection.descriptor, status: response.status)
        return connection.queue(response.adding(middleware?.responseHeaders ?? []))
    }
}

/// A request as libmicrohttpd presents it; valid during one call of the access handler.
struct IncomingRequest {
    let connection: ClientConnection
    let method: String
    let path: String
}

/// What is kept of one request between libmicrohttpd's calls. They come one after the other, so it
/// needs no lock.
final class RequestContext {
    /// Set once the request has been read to its end.
    var response: PendingResponse?
    var bodyByteCount = 0
}

extension HTTPRequest {
    /// Copies everything that handlers may ask for.
    init(_ incoming: IncomingRequest) {
        self.init(
            method: incoming.method, path: incoming.path,
            query: incoming.connection.query,
            headers: incoming.connection.headers)
    }
}

extension HTTPResponse {
    /// The same response with further headers, but for those that it has itself.
    fileprivate func adding(_ more: [(name: String, value: String)]) -> HTTPResponse {
        let missing = more.filter { new in
            !headers.contains { equalIgnoringCase($0.name, new.name) }
        }
        guard !missing.isEmpty else { return self }
        return HTTPResponse(
            status: status, contentType: contentType, headers: headers + missing, body: body)
    }
}
