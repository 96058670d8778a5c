import SystemPackage

/// An HTTP server for a few fixed paths.
///
/// It serves from its initializer on until `stop` or until it is dropped. Neither may happen on a
/// thread that runs a handler: the server waits for those to end.
package final class MetricsServer: Sendable {
    /// Where it listens, in the order asked for, in numbers, with the ports that the kernel chose
    /// where 0 was asked for.
    package let boundAddresses: [ListenAddress]

    private let daemons: [HTTPDaemon]
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
        middleware: (any Middleware)? = nil,
        security: (any ConnectionSecurity)? = nil,
        log: @escaping @Sendable (String) -> Void
    ) throws(MetricsServerError) {
        do throws(Errno) { try monitor.start() } catch { throw .noThread(error) }
        let dispatcher = RequestDispatcher(
            routes: routes, middleware: middleware, monitor: monitor, security: security, log: log)
        var started: [(HTTPDaemon, ListenAddress)] = []
        do throws(MetricsServerError) {
            for address in addresses {
                started.append(try Self.serve(address, monitor.limits, dispatcher))
            }
        } catch {
            Self.stop(started.map(\.0), monitor)
            throw error
        }
        daemons = started.map(\.0)
        boundAddresses = started.map(\.1)
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
        Self.stop(daemons, monitor)
    }

    deinit {
        stop()
    }

    private static func serve(
        _ address: ListenAddress, _ limits: ServerLimits, _ dispatcher: RequestDispatcher
    ) throws(MetricsServerError) -> (HTTPDaemon, ListenAddress) {
        let socket = try ListeningSocket(on: address)
        let bound: ListenAddress
        do throws(Errno) { bound = try socket.boundAddress } catch {
            throw .cannotListen(address, error)
        }
        let limits = limits.suiting(address)
        guard let daemon = HTTPDaemon(serving: socket, limits: limits, dispatcher: dispatcher)
        else {
            throw .cannotServe(address)
        }
        return (daemon, bound)
    }

    /// libmicrohttpd panics when it is stopped while a connection is suspended, so
    /// every request is answered first.
    private static func stop(_ daemons: [HTTPDaemon], _ monitor: ServerMonitor) {
        monitor.requests.stop()
        monitor.requests.drain()
        for daemon in daemons { daemon.stop() }
        monitor.stop()
    }
}
