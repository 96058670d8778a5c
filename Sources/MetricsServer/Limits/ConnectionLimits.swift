/// What `ServerLimits` says of connections, in the terms of a `ConnectionTable`.
struct ConnectionLimits {
    /// Connections open at once, over all listening addresses.
    let openMax: Int
    /// Those included that are closing.
    let presentMax: Int
    /// Those that are accepted and not served yet.
    let acceptedMax = 32
    /// Of one client; 0 is no limit.
    let perClientMax: Int
    /// Bytes of responses that are being written at once; a single larger one is written all the same.
    let responseBytesMax: Int
    /// From the accept, or from the last response's end, to the end of the next request; nil is no limit.
    /// A client may be silent for the idle timeout, and then needs time for its request. libmicrohttpd
    /// does not tell when its first byte came, so both are one.
    let readingMax: Duration?
    /// From a response's first byte to its last; nil is no limit.
    let writingMax: Duration?

    /// A client that is slower than this to take a response may be closed for a new connection, once none
    /// waits for a request. A second: a scrape's response is a few dozen packets.
    static let slowWriting = Duration.seconds(1)

    init(_ limits: ServerLimits) {
        openMax = limits.connectionsMax
        presentMax = limits.connectionDescriptorsMax
        perClientMax = limits.connectionsPerClientMax
        responseBytesMax = limits.responseBytesMax
        let (idle, request) = (limits.idleTimeoutSeconds, limits.requestTimeoutSeconds)
        writingMax = request == 0 ? nil : .seconds(request)
        readingMax = idle == 0 || request == 0 ? nil : .seconds(idle + request)
    }
}
