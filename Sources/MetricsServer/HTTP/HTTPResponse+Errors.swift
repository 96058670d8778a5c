/// The responses that the server gives without asking a route.
extension HTTPResponse {
    /// The path is no route's.
    static let notFound = text("not found", status: 404)

    /// The path is a route's, the method is not.
    static let methodNotAllowed = text(
        "method not allowed", status: 405, headers: [(name: "Allow", value: "GET, HEAD")])

    /// The handler dropped its exchange without a response.
    static let unanswered = text("internal server error", status: 500)

    /// `ServerLimits.maxRequests` are being handled already.
    static let tooManyRequests = text(
        "too many requests at once", status: 503, headers: [(name: "Retry-After", value: "1")])

    /// The server is being stopped; the client is to reconnect, to whatever comes after it.
    static let stopping = text(
        "the server is stopping", status: 503,
        headers: [(name: "Retry-After", value: "1"), (name: "Connection", value: "close")])
}
