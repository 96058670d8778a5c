/// What `ServerLimits` says of connections, in the terms of a `ConnectionTable`.
struct ConnectionLimits {
    /// Connections open at once, over all listening addresses.
    let openMax: Int
    /// Of one client; 0 is no limit.
    let perClientMax: Int
    /// From the accept, or from the last answer's end, to the end of the next request; nil is no limit.
    /// A client may be silent for the idle timeout, and then needs time for its request. When its first
    /// byte came libmicrohttpd does not tell, so both are one.
    let idleMax: Duration?
    /// From an answer's first byte to its last; nil is no limit.
    let laggingMax: Duration?

    /// Who is slower than this to take an answer may be given up for a new connection, once nobody is
    /// idle. A second: a scrape's answer is a few dozen packets.
    static let prompt = Duration.seconds(1)

    init(_ limits: ServerLimits) {
        openMax = limits.connectionsMax
        perClientMax = limits.connectionsPerClientMax
        let (idle, request) = (limits.idleTimeoutSeconds, limits.requestTimeoutSeconds)
        laggingMax = request == 0 ? nil : .seconds(request)
        idleMax = idle == 0 || request == 0 ? nil : .seconds(idle + request)
    }
}
