import Synchronization

/// The answer to one request, wherever it is: not given yet, given, or handed on to the client.
///
/// The handler's side calls `respond`, libmicrohttpd's side the rest. libmicrohttpd may be told
/// to resume a connection only while it is suspended, and its connections and daemons may be
/// freed as soon as it has gone on; so suspending and resuming both happen under this lock, and
/// libmicrohttpd's side passes it once more before it lets go of the connection.
final class PendingAnswer: Sendable {
    private enum State {
        /// The handler has been called and has not returned; no answer yet.
        case handling
        /// The handler has returned without an answer; libmicrohttpd has put the connection by.
        case suspended(connection: ClientConnection)
        /// The answer is there and libmicrohttpd will fetch it.
        case given(HTTPResponse)
        /// The answer was fetched, or nobody wants it any more.
        case settled
    }

    private let state = Mutex(State.handling)

    /// Gives the answer; only the first one counts. Any thread may call.
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

    /// Whether an answer would still reach someone.
    var isAwaited: Bool {
        state.withLock { state in
            switch state {
            case .handling, .suspended: true
            case .given, .settled: false
            }
        }
    }

    /// The answer if it is there; else suspends the connection, and libmicrohttpd will call again
    /// after `respond`. Only the connection's own access handler may call.
    func take(orSuspend connection: ClientConnection) -> HTTPResponse? {
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
                preconditionFailure("libmicrohttpd called for a request put by or answered")
            }
        }
    }

    /// The connection is about to go; its pointer is not used from here on.
    func abandon() {
        state.withLock { $0 = .settled }
    }
}
