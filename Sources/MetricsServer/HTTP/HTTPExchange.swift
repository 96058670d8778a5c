import Linux
import Synchronization

/// A handler's end of one request: the right to answer it, once, from any thread, at any time.
///
/// The handler may answer before it returns, or keep the exchange and answer later; no thread waits
/// meanwhile. An exchange that is dropped unanswered answers 500.
package final class HTTPExchange: Sendable {
    private let pending: PendingResponse
    private let monitor: ServerMonitor

    init(_ pending: PendingResponse, _ monitor: ServerMonitor) {
        self.pending = pending
        self.monitor = monitor
    }

    /// Answers the request. The first call counts; later ones, and those after the client has
    /// gone or the server has stopped, do nothing.
    package func respond(_ response: HTTPResponse) {
        pending.respond(response)
    }

    /// Sets the response that is sent if there is no other after that many seconds.
    ///
    /// May be called before `respond` only, and once.
    package func respond(_ response: HTTPResponse, unlessAnsweredWithin seconds: Double) {
        monitor.setFallback(response, of: pending, due: MonotonicTime.now + .seconds(seconds))
    }

    /// Whether a response would still reach the client: none has been given, and it has not gone.
    package var isAwaited: Bool { pending.isAwaited }

    deinit {
        if pending.isAwaited { pending.respond(.unanswered) }
    }
}

/// The response to one request: not given yet, given, or fetched.
///
/// The handler's side calls `respond`, libmicrohttpd's side the rest. libmicrohttpd may be told
/// to resume a connection only while it is suspended, and its connections and daemons may be
/// freed as soon as it has gone on; so suspending and resuming both happen under this lock, and
/// libmicrohttpd's side passes it once more before it lets go of the connection.
final class PendingResponse: Sendable {
    private enum State {
        /// The handler has been called and has not returned; no response yet.
        case handling
        /// The handler has returned without a response; libmicrohttpd has suspended the connection.
        case suspended(connection: ClientConnection)
        /// The response is there and libmicrohttpd will fetch it.
        case given(HTTPResponse)
        /// The response was fetched, or nobody wants it any more.
        case settled
    }

    private let state = Mutex(State.handling)

    /// Gives the response; only the first one counts. Any thread may call.
    func respond(_ response: HTTPResponse) {
        state.withLock { state in
            switch state {
            case .handling:
                state = .given(response)
            case .suspended(let connection):
                state = .given(response)
                connection.resume()
            case .given, .settled:
                break
            }
        }
    }

    /// Whether a response would still reach someone.
    var isAwaited: Bool {
        state.withLock { state in
            switch state {
            case .handling, .suspended: true
            case .given, .settled: false
            }
        }
    }

    /// The response if it is there; else suspends the connection, and libmicrohttpd will call again
    /// after `respond`. Only the connection's own access handler may call.
    func fetch(orSuspend connection: ClientConnection) -> HTTPResponse? {
        state.withLock { state in
            switch state {
            case .given(let response):
                state = .settled
                return response
            case .handling:
                state = .suspended(connection: connection)
                connection.suspend()
                return nil
            case .suspended, .settled:
                preconditionFailure(
                    "libmicrohttpd called for a request that is suspended or answered")
            }
        }
    }

    /// The connection is about to go; its pointer is not used from here on.
    func abandon() {
        state.withLock { $0 = .settled }
    }
}
