/// A path, and the handler of its requests.
package struct Route: Sendable {
    /// Called on a worker thread for each `GET` and `HEAD` request of the path; must not block.
    package typealias Handler = @Sendable (HTTPRequest, HTTPExchange) -> Void

    let path: String
    /// Whether its requests count against `ServerLimits.maxRequests`.
    let isLimited: Bool
    let handler: Handler

    /// - Parameters:
    ///   - path: The whole path, from its `/`, as it reads with percent escapes decoded.
    ///   - isLimited: False for a handler that answers before it returns: its requests never wait for
    ///     those of others.
    package init(path: String, isLimited: Bool = true, handler: @escaping Handler) {
        precondition(path.hasPrefix("/"), "a path begins with a slash: \(path)")
        self.path = path
        self.isLimited = isLimited
        self.handler = handler
    }

    /// The same route below another path, which has no slash at its end.
    package func below(_ path: String) -> Route {
        Route(path: path + self.path, isLimited: isLimited, handler: handler)
    }
}

/// The routes by their paths.
struct RouteTable: Sendable {
    /// What to do with a request.
    enum Match {
        case route(Route)
        case refusal(HTTPResponse)
    }

    private let routes: [String: Route]

    init(_ routes: [Route]) {
        self.routes = Dictionary(routes.map { ($0.path, $0) }) { _, _ in
            preconditionFailure("two routes with the same path")
        }
    }

    func match(method: String, path: String) -> Match {
        guard let route = routes[path] else { return .refusal(.notFound) }
        guard method == "GET" || method == "HEAD" else { return .refusal(.methodNotAllowed) }
        return .route(route)
    }
}
