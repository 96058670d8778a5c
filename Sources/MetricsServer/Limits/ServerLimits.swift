/// Limits on what clients can use, all of whom may be hostile. They hold for all listening addresses
/// together.
package struct ServerLimits: Sendable {
    /// Threads that read requests and write responses. Handlers run on them too, so a handler that
    /// takes long must respond from another thread. Two: one large response must not hold up the others.
    package var workerThreads = 2

    /// Connections open at once. For a new one beyond these, the one that has waited longest for a request
    /// is closed, or one whose client has been taking a response for a second; if there is none, the new
    /// one itself. 512: a monitoring server uses one or two, and `connectionMemoryBytes` each makes 18 MiB
    /// at the very most.
    package var connectionsMax = 512

    /// Connections open at once from one client: an IPv4 address, or an IPv6 network of 64 bits. Further
    /// ones are closed at once. 0 is no limit. 128, a quarter of all: a single misbehaving host cannot
    /// lock out the others.
    package var connectionsPerClientMax = 128

    /// Seconds without a byte from or to the client until its connection is closed; waiting for
    /// a handler's response does not count. 0 is never. 30: it spans the usual scrape intervals,
    /// and a scraper that comes back more rarely reconnects, which is cheap.
    package var idleTimeoutSeconds = 30

    /// Seconds that a client may take, beyond the idle timeout, to send a request, and again to take
    /// its response. Waiting for a handler's response does not count. 0 is no limit. 60: a megabyte by a
    /// line of 150 kbit/s.
    package var requestTimeoutSeconds = 60

    /// Bytes that libmicrohttpd holds for one connection: the request's line and headers, and
    /// the response's headers. Larger requests are answered 431 or 414. 36 KiB: web servers
    /// commonly take 8 KiB of headers, and above 32 KiB libmicrohttpd maps memory of its own for each
    /// connection (`MHD_pool_create`), which goes back to the system with it; below, it would stay in
    /// glibc's heap after a flood of connections.
    package var connectionMemoryBytes = 36 * 1024

    /// Bytes of a request's body that are read and discarded before the connection is closed
    /// instead. No route takes a body; with 64 KiB a careless client can still read its response.
    package var requestBodyBytesMax = 64 * 1024

    /// Requests handled at once, from calling the handler until its response is there; further ones are
    /// answered 503. 0 is no limit. 40, as node_exporter has it. Clients that are slow to read their
    /// response do not count here, or forty of them could lock out everybody else; they count as
    /// connections.
    package var maxRequests = 40

    package init() {}
}

extension ServerLimits {
    /// Traps on limits that make no sense; they come from our own code.
    func check() {
        precondition(workerThreads >= 1 && connectionsMax >= 1)
        precondition(connectionsPerClientMax >= 0 && maxRequests >= 0)
        precondition(idleTimeoutSeconds >= 0 && requestTimeoutSeconds >= 0)
        precondition(connectionMemoryBytes >= 1024, "too little for the response's headers")
    }

    /// The limit given to libmicrohttpd. At its own limit it accepts nobody, not even those for whom others
    /// would be closed: each of its threads gets room for all connections, and for those being closed.
    var daemonConnectionsMax: Int { (connectionsMax + Self.closingConnectionsMax) * workerThreads }

    /// Descriptors that connections take at once at most.
    package var connectionDescriptorsMax: Int {
        connectionsMax + Self.closingConnectionsMax * workerThreads
    }

    /// Connections shut down and not yet closed, which takes libmicrohttpd's thread one round; a round
    /// accepts ten at most.
    private static let closingConnectionsMax = 128
}
