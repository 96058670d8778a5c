/// The responses that the server gives without asking a route.
extension HTTPResponse {
    /// The request is malformed, or can be understood in several ways. What follows it on its connection may
    /// be a part of it, so the connection is closed.
    static let badRequest = text(
        "bad request", status: 400, headers: [(name: "Connection", value: "close")])

    /// The target alone takes more than `ServerLimits.headerBytesMax`.
    static let targetTooLong = text(
        "request target too long", status: 414, headers: [(name: "Connection", value: "close")])

    /// The request's line and headers take more than `ServerLimits.headerBytesMax`. What follows them is not
    /// read, so the connection is closed.
    static let headersTooLarge = text(
        "request header fields too large", status: 431,
        headers: [(name: "Connection", value: "close")])

    /// The path is no route's.
    static let notFound = text("not found", status: 404)

    /// The path is a route's, the method is not.
    static let methodNotAllowed = text(
        "method not allowed", status: 405, headers: [(name: "Allow", value: "GET, HEAD")])

    /// The handler dropped its exchange without a response.
    static let unanswered = text("internal server error", status: 500)

    /// `ServerLimits.maxRequests` have been handled for so long that this one's turn has not come.
    static let tooManyRequests = text(
        "too many requests at once", status: 503, headers: [(name: "Retry-After", value: "1")])

    /// The server is being stopped; the client is to reconnect, to whatever comes after it.
    static let stopping = text(
        "the server is stopping", status: 503,
        headers: [(name: "Retry-After", value: "1"), (name: "Connection", value: "close")])
}
