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

    /// Looks at a request whose headers have been read. One that cannot be served is answered at once, before
    /// its body, which closes the connection.
    func begin(
        _ context: RequestContext, _ head: RequestHead, on connection: ClientConnection
    ) -> MHD_Result {
        context.isOpen = true
        requests.open()
        let byteCountMax = monitor.limits.headerBytesMax
        // With as few headers as can be: these requests have taken some of the response's memory, too.
        guard head.target.byteCount < byteCountMax else {
            return send(.targetTooLong, headers: [], to: connection)
        }
        guard head.memoryByteCount <= byteCountMax else {
            return send(.headersTooLarge, headers: [], to: connection)
        }
        guard head.isUnambiguous, !connection.keepsHeadInPlace || head.isContiguous,
            let target = RequestTarget(context.target)
        else { return send(.badRequest, to: connection) }
        context.request = HTTPRequest(
            method: head.methodText, path: target.path, query: target.query, headers: head.headers,
            client: connection.client)
        return .YES
    }

    /// Discards a part of a request's body; refuses, which closes the connection, when it was too much.
    func discardBody(_ byteCount: Int, of context: RequestContext) -> MHD_Result {
        context.bodyByteCount += byteCount
        return context.bodyByteCount <= monitor.limits.requestBodyBytesMax ? .YES : .NO
    }

    /// Goes on with a request that has been read to its end: called first to answer it, and again
    /// if its connection was suspended and has been resumed.
    func proceed(with context: RequestContext, on connection: ClientConnection) -> MHD_Result {
        if let pending = context.response { return fetch(pending, for: connection) }
        guard let request = context.request.take() else { return .NO }
        let pending = PendingResponse()
        guard requests.begin(pending, from: request.client) else {
            return send(.stopping, to: connection)
        }
        context.response = pending
        start(request, pending)
        return fetch(pending, for: connection)
    }

    /// The exchange is not kept here: should the middleware or the handler drop it, that is an answer.
    private func start(_ request: HTTPRequest, _ pending: PendingResponse) {
        let exchange = HTTPExchange(pending, monitor)
        guard let middleware else { return route(request, exchange, pending) }
        middleware.handle(
            request,
            MiddlewareExchange(exchange) { [self] exchange in route(request, exchange, pending) })
    }

    /// Takes a request to its route; on any thread.
    private func route(
        _ request: HTTPRequest, _ exchange: HTTPExchange, _ pending: PendingResponse
    ) {
        switch routes.match(method: request.method, path: request.path) {
        case .refusal(let response): exchange.respond(response)
        case .route(let route) where route.isLimited:
            monitor.admit(pending) { route.handler(request, exchange) }
        case .route(let route): route.handler(request, exchange)
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
        send(response, headers: middleware?.responseHeaders ?? [], to: connection)
    }

    private func send(
        _ response: HTTPResponse, headers: [(name: String, value: String)],
        to connection: ClientConnection
    ) -> MHD_Result {
        connections.write(connection.descriptor, response)
        return connection.queue(response.adding(headers))
    }
}

/// What is kept of one request between libmicrohttpd's calls. They come one after the other, so it
/// needs no lock.
final class RequestContext {
    /// As it was sent.
    let target: [UInt8]
    /// Whether its headers have been read.
    var isOpen = false
    /// From the end of the headers to the end of the body.
    var request: HTTPRequest?
    /// From the end of the body on.
    var response: PendingResponse?
    var bodyByteCount = 0

    init(target: [UInt8]) {
        self.target = target
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
