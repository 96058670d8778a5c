/// A request as libmicrohttpd presents it; valid during one call of the access handler.
struct RequestTarget {
    let connection: ClientConnection
    let method: String
    let path: String
}

extension HTTPRequest {
    /// Copies everything that handlers may ask for.
    init(_ target: RequestTarget) {
        self.init(
            method: target.method, path: target.path,
            query: target.connection.query,
            headers: target.connection.headers)
    }
}
