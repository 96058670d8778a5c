import SystemPackage

/// An HTTP server for a few fixed paths.
///
/// It serves from its initializer on until `stop` or until it is dropped. Neither may happen on a
/// thread that runs a handler: the server waits for those to end.
package final class MetricsServer: Sendable {
    /// Where it listens, in the order asked for, in numbers, with the ports that the kernel chose
    /// where 0 was asked for.
    package let boundAddresses: [ListenAddress]

    private let daemon: HTTPDaemon
    private let acceptors: [Acceptor]
    private let monitor: ServerMonitor

    /// Listens on every address, or on none and throws. Until it throws, the addresses before the
    /// failing one may have been served.
    ///
    /// - Parameters:
    ///   - monitor: Made for this server alone.
    ///   - middleware: Sees every request before the routes do.
    ///   - security: Makes every connection one of TLS; nil serves plain HTTP.
    ///   - log: Takes libmicrohttpd's messages, one line each, on any thread. Clients cause most of
    ///     them, so they are worth a debug level.
    package init(
        listening addresses: [ListenAddress], monitor: ServerMonitor, routes: [Route],
        middleware: (any Middleware)? = nil, security: (any ConnectionSecurity)? = nil,
        log: @escaping @Sendable (String) -> Void
    ) throws(MetricsServerError) {
        do throws(Errno) { try monitor.start() } catch { throw .noThread(error) }
        let dispatcher = RequestDispatcher(
            routes: routes, middleware: middleware, monitor: monitor, security: security, log: log)
        guard let daemon = HTTPDaemon(monitor.limits, dispatcher) else {
            monitor.stop()
            throw .cannotServe
        }
        var acceptors: [(Acceptor, ListenAddress)] = []
        do throws(MetricsServerError) {
            for address in addresses {
                acceptors.append(try Self.listen(on: address, monitor, daemon))
            }
        } catch {
            Self.stop(acceptors.map(\.0), daemon, monitor)
            throw error
        }
        self.daemon = daemon
        self.acceptors = acceptors.map(\.0)
        boundAddresses = acceptors.map(\.1)
        self.monitor = monitor
    }

    /// A server whose monitor nobody else looks at.
    package convenience init(
        listening addresses: [ListenAddress], limits: ServerLimits = ServerLimits(),
        routes: [Route], log: @escaping @Sendable (String) -> Void
    ) throws(MetricsServerError) {
        try self.init(
            listening: addresses, monitor: ServerMonitor(limits), routes: routes, log: log)
    }

    /// Answers 503 to whatever still waits, closes everything and waits for the threads to
    /// end. Any thread but a handler's may call, several times too.
    package func stop() {
        Self.stop(acceptors, daemon, monitor)
    }

    deinit {
        stop()
    }

    private static func listen(
        on address: ListenAddress, _ monitor: ServerMonitor, _ daemon: HTTPDaemon
    ) throws(MetricsServerError) -> (Acceptor, ListenAddress) {
        let socket = try ListeningSocket(on: address)
        do throws(Errno) {
            try socket.setBuffers(byteCount: monitor.limits.socketBufferBytes)
            let bound = try socket.boundAddress
            return (try Acceptor(socket, monitor.connections, daemon), bound)
        } catch {
            throw .cannotListen(address, error)
        }
    }

    /// The order matters: once nothing is accepted and every request is answered, all connections can be
    /// closed, and without connections libmicrohttpd can be stopped safely.
    private static func stop(
        _ acceptors: [Acceptor], _ daemon: HTTPDaemon, _ monitor: ServerMonitor
    ) {
        monitor.connections.stopAccepting()
        for acceptor in acceptors { acceptor.stop() }
        monitor.requests.stop()
        monitor.requests.drain(within: .seconds(1))
        monitor.connections.closeAll(within: .seconds(2))
        daemon.stop()
        monitor.stop()
    }
}
