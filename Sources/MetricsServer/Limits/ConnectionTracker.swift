import Glibc
import Linux
import Synchronization

/// Which connections are open, over all listening addresses, and the means to close them.
///
/// libmicrohttpd 0.9.75 closes a connection that is silent for some time, and nothing else: a client
/// that sends a byte now and then could keep it for ever, and when all are taken it accepts no more.
///
/// A connection that must go is shut down here and closed by libmicrohttpd's own thread, which wakes
/// up by it. The lock is held meanwhile: libmicrohttpd tells of a connection's end, which takes the
/// lock too, before it closes the descriptor, so the number is no other's yet.
final class ConnectionTracker: Sendable {
    private struct State {
        var table: ConnectionTable
        var responses = ResponseCounts()
    }

    private let state: Mutex<State>

    init(_ limits: ServerLimits) {
        state = Mutex(State(table: ConnectionTable(ConnectionLimits(limits))))
    }

    /// A connection has been accepted.
    func open(_ descriptor: CInt, from client: ClientAddress?) {
        let now = MonotonicTime.now
        state.withLock { state in
            if let closing = state.table.open(descriptor, from: client, at: now) {
                Self.shutDown(closing)
            }
        }
    }

    /// A connection is in another phase from now on.
    func move(_ descriptor: CInt, to phase: ConnectionTable.Phase) {
        let now = MonotonicTime.now
        state.withLock { $0.table.move(descriptor, to: phase, at: now) }
    }

    /// A connection is given its response now, which its client has to take.
    func write(_ descriptor: CInt, status: Int) {
        let now = MonotonicTime.now
        state.withLock { state in
            state.table.move(descriptor, to: .writing, at: now)
            state.responses.count(status)
        }
    }

    /// libmicrohttpd has answered of its own accord.
    func count(status: Int) {
        state.withLock { $0.responses.count(status) }
    }

    /// A connection is about to be closed.
    func close(_ descriptor: CInt) {
        state.withLock { $0.table.close(descriptor) }
    }

    /// Shuts those down whose clients have had their time.
    ///
    /// - Returns: When to call again; nil is never.
    func expire(at now: MonotonicTime) -> MonotonicTime? {
        state.withLock { state in
            for closing in state.table.expire(at: now) { Self.shutDown(closing) }
            return state.table.nextDue(at: now)
        }
    }

    /// Takes over what has been counted.
    func read(into statistics: inout ServerStatistics) {
        state.withLock { state in
            statistics.openConnections = state.table.openCount
            statistics.endedConnections = state.table.endedCounts
            statistics.responses = state.responses
        }
    }

    /// The corresponding C function is `shutdown`.
    private static func shutDown(_ closing: ConnectionTable.ConnectionToClose) {
        if closing.isWriting {
            // What was written is not taken: with a plain close the kernel would offer it for minutes.
            var option = linger(l_onoff: 1, l_linger: 0)
            let byteCount = socklen_t(MemoryLayout<linger>.size)
            _ = unsafe setsockopt(
                closing.descriptor, SOL_SOCKET, SO_LINGER, &option, byteCount)
        }
        _ = shutdown(closing.descriptor, CInt(SHUT_RDWR))
    }
}
