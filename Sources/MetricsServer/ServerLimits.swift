/// How much a server gives to its clients, all of whom may be hostile. It counts over all listening
/// addresses.
package struct ServerLimits: Sendable {
    /// Threads that read requests and write answers. Handlers run on them too, so a handler that
    /// takes long answers from elsewhere. Two: one large answer must not hold up the others.
    package var workerThreads = 2

    /// Connections open at once. For a new one beyond these the longest idle is closed, or one whose
    /// client has been taking an answer for a second; if there is none, the new one itself. 512: a monitoring server uses one or two, and `connectionMemoryBytes` each makes 16 MiB
    /// at the very most.
    package var connectionsMax = 512

    /// Connections open at once from one client: an IPv4 address, or an IPv6 network of 64 bits. Further
    /// ones are closed at once. 0 is no limit. 128, a quarter of all: a single misbehaving host cannot
    /// lock out the others.
    package var connectionsPerClientMax = 128

    /// Seconds without a byte from or to the client until its connection is closed; waiting for
    /// a handler's answer does not count. 0 is never. 30: it spans the usual scrape intervals,
    /// and a scraper that comes back more rarely reconnects, which is cheap.
    package var idleTimeoutSeconds = 30

    /// Seconds that a client may take, beyond the idle timeout, to send a request, and again to take
    /// its answer. Waiting for a handler's answer does not count. 0 is no limit. 60: a megabyte by a
    /// line of 150 kbit/s.
    package var requestTimeoutSeconds = 60

    /// Bytes that libmicrohttpd holds for one connection: the request's line and headers, and
    /// the answer's headers. Larger requests are answered 431 or 414. 32 KiB: web servers
    /// commonly take 8 KiB of headers, and reading and writing share this memory.
    package var connectionMemoryBytes = 32 * 1024

    /// Bytes of a request's body that are read and thrown away before the connection is closed
    /// instead. No route takes a body; 64 KiB lets a careless client still read its answer.
    package var requestBodyBytesMax = 64 * 1024

    /// Requests being answered at once, from calling the handler until its answer is there;
    /// further ones are answered 503. 0 is no limit. 40, as node_exporter has it. Clients that are slow to read their answer do not count here,
    /// or forty of them could lock out everybody else; they count as connections.
    package var maxRequests = 40

    package init() {}
}

extension ServerLimits {
    /// Traps on limits that make no sense; they come from our own code.
    func check() {
        precondition(workerThreads >= 1 && connectionsMax >= 1)
        precondition(connectionsPerClientMax >= 0 && maxRequests >= 0)
        precondition(idleTimeoutSeconds >= 0 && requestTimeoutSeconds >= 0)
        precondition(connectionMemoryBytes >= 1024, "too little for the answer's headers")
    }

    /// What libmicrohttpd itself has to bear. At its own limit it accepts nobody, not even those for
    /// whom others would be given up: each of its threads gets room for all connections, and for those
    /// that are on their way out.
    var daemonConnectionsMax: Int { (connectionsMax + Self.leavingConnectionsMax) * workerThreads }

    /// Descriptors that connections take at once at most.
    package var connectionDescriptorsMax: Int {
        connectionsMax + Self.leavingConnectionsMax * workerThreads
    }

    /// Connections shut down and not yet closed, which takes libmicrohttpd's thread one turn; a turn
    /// accepts ten at most.
    private static let leavingConnectionsMax = 128
}
