/// Limits on what clients can use, all of whom may be hostile. They hold for all listening addresses
/// together.
package struct ServerLimits: Sendable {
    /// Threads that read requests and write responses. Handlers run on them too, so a handler that
    /// takes long must respond from another thread. Two: one large response must not hold up the others.
    package var workerThreads = 2

    /// Connections open at once. For a new one beyond these, the one that has waited longest for a request
    /// is closed, or one whose client has been taking a response for a second; if there is none, the new
    /// one itself. 512: a monitoring server uses one or two, and `connectionMemoryBytes` each makes 21 MiB
    /// at the very most.
    package var connectionsMax = 512

    /// Connections open at once from one client: an IPv4 address, or an IPv6 network of 64 bits. For a new
    /// one beyond these, its own that has waited longest for a request is closed, or else the new one. 0 is
    /// no limit. 128, a quarter of all: a single misbehaving host cannot lock out the others.
    package var connectionsPerClientMax = 128

    /// Seconds without a byte from or to the client until its connection is closed; waiting for
    /// a handler's response does not count. 0 is never. 30: it spans the usual scrape intervals,
    /// and a scraper that comes back more rarely reconnects, which is cheap.
    package var idleTimeoutSeconds = 30

    /// Seconds that a client may take, beyond the idle timeout, to send a request, and again to take
    /// its response. Waiting for a handler's response does not count. 0 is no limit. 60: a megabyte by a
    /// line of 150 kbit/s.
    package var requestTimeoutSeconds = 60

    /// Memory for a request's line and headers, with libmicrohttpd's notes of each. Larger requests are
    /// answered 431 or 414. 32 KiB: web servers commonly take 8 KiB of headers.
    package var headerBytesMax = 32 * 1024

    /// Memory for a response's headers, of which the web configuration may set 8 KiB.
    package var responseHeaderBytesMax = 10 * 1024

    /// Bytes of a request's body that are read and discarded before the connection is closed
    /// instead. No route takes a body; with 64 KiB a careless client can still read its response.
    package var requestBodyBytesMax = 64 * 1024

    /// Requests handled at once, from calling the handler until its response is there; further ones wait,
    /// and clients take turns. 0 is no limit. 40, as node_exporter has it. Clients that are slow to read
    /// their response do not count here, or forty of them could lock out everybody else; they count as
    /// connections.
    package var maxRequests = 40

    /// Seconds that a request waits until it is answered 503. 10, as long as Prometheus waits unless told
    /// otherwise.
    package var queueTimeoutSeconds = 10

    /// Bytes of the responses that are being sent at once, each counted once however many clients take it.
    /// For one beyond these, the connections that have been taking theirs longest are closed. 32 MiB: as many
    /// scrapes of a large host, for clients that do not read.
    package var responseBytesMax = 32 * 1024 * 1024

    /// Bytes that the kernel keeps for one connection in each direction; it takes twice as many itself (man 7
    /// socket, `SO_SNDBUF`). 64 KiB, or clients that do not read would each cost the megabytes of
    /// `tcp_wmem`: with 512 of them it is 64 MiB.
    package var socketBufferBytes = 64 * 1024

    package init() {}
}

extension ServerLimits {
    /// Traps on limits that make no sense; they come from our own code.
    func check() {
        precondition(workerThreads >= 1 && connectionsMax >= 1)
        precondition(connectionsPerClientMax >= 0 && maxRequests >= 0 && queueTimeoutSeconds > 0)
        precondition(responseBytesMax > 0 && socketBufferBytes > 0)
        precondition(idleTimeoutSeconds >= 0 && requestTimeoutSeconds >= 0)
        precondition(headerBytesMax >= 1024 && responseHeaderBytesMax >= 1024)
    }

    /// Bytes that libmicrohttpd holds for one connection. Above 32 KiB it maps memory for each connection
    /// (`MHD_pool_create`), which goes back to the system with it; below, it would stay in glibc's heap until
    /// that is trimmed.
    var connectionMemoryBytes: Int { headerBytesMax + responseHeaderBytesMax }

    /// The limit given to libmicrohttpd, which divides it between its threads. It must never be reached: at
    /// its own limit version 0.9.75 leaves a mutex locked (`new_connection_process_`).
    var daemonConnectionsMax: Int { (connectionDescriptorsMax + 1) * workerThreads }

    /// Descriptors that connections take at once at most: those included that are shut down, and that
    /// libmicrohttpd's threads have yet to close.
    package var connectionDescriptorsMax: Int { connectionsMax + 128 }
}
