/// A path, and the handler of its requests.
package struct Route: Sendable {
    /// Called on a worker thread for each `GET` and `HEAD` request of the path; must not block.
    package typealias Handler = @Sendable (HTTPRequest, HTTPExchange) -> Void

    let path: String
    let handler: Handler

    /// - Parameter path: The whole path, from its `/`, as it reads with percent escapes decoded.
    package init(path: String, handler: @escaping Handler) {
        precondition(path.hasPrefix("/"), "a path begins with a slash: \(path)")
        self.path = path
        self.handler = handler
    }
}

/// The routes by their paths.
struct RouteTable: Sendable {
    /// What to do with a request.
    enum Match {
        case handler(Route.Handler)
        case refusal(HTTPResponse)
    }

    private let handlers: [String: Route.Handler]

    init(_ routes: [Route]) {
        handlers = Dictionary(routes.map { ($0.path, $0.handler) }) { _, _ in
            preconditionFailure("two routes with the same path")
        }
    }

    func match(method: String, path: String) -> Match {
        guard let handler = handlers[path] else { return .refusal(.notFound) }
        guard method == "GET" || method == "HEAD" else { return .refusal(.methodNotAllowed) }
        return .handler(handler)
    }
}
