import CLinux
import Glibc
import Linux
import Synchronization

/// Which connections are open, over all listening addresses, and the means to be rid of them.
///
/// libmicrohttpd 0.9.75 closes a connection that is silent for some time, and nothing else: a client
/// that sends a byte now and then could keep it for ever, and when all are taken it accepts no more.
///
/// A connection that must go is shut down here and closed by libmicrohttpd's own thread, which wakes
/// up by it. The lock is held meanwhile: libmicrohttpd tells of a connection's end, which takes the
/// lock too, before it closes the descriptor, so the number is no other's yet.
final class ConnectionLedger: Sendable {
    private struct State {
        var table: ConnectionTable
        var answers = AnswerCounts()
        var flood = FloodMark()
    }

    private let state: Mutex<State>

    init(_ limits: ServerLimits) {
        state = Mutex(State(table: ConnectionTable(ConnectionLimits(limits))))
    }

    /// A connection has been accepted.
    func open(_ descriptor: CInt, from client: ClientAddress?) {
        let now = MonotonicTime.now
        state.withLock { state in
            if let condemned = state.table.open(descriptor, from: client, at: now) {
                Self.shutDown(condemned)
            }
            state.flood.rise(to: state.table.openCount)
        }
    }

    /// A connection waits for something else from now on.
    func move(_ descriptor: CInt, to phase: ConnectionTable.Phase) {
        let now = MonotonicTime.now
        state.withLock { $0.table.move(descriptor, to: phase, at: now) }
    }

    /// A connection is given its answer now, which its client has to take.
    func answer(_ descriptor: CInt, status: Int) {
        let now = MonotonicTime.now
        state.withLock { state in
            state.table.move(descriptor, to: .lagging, at: now)
            state.answers.count(status)
        }
    }

    /// libmicrohttpd has answered of its own accord.
    func count(status: Int) {
        state.withLock { $0.answers.count(status) }
    }

    /// A connection is about to be closed.
    ///
    /// - Returns: When to call `expire`, if that has to be earlier than thought.
    func close(_ descriptor: CInt) -> MonotonicTime? {
        state.withLock { state in
            state.table.close(descriptor)
            return state.flood.fall(to: state.table.openCount)
        }
    }

    /// Shuts those down whose clients have had their time, and gives memory back after a flood.
    ///
    /// - Returns: When to call again; nil is never.
    func expire(at now: MonotonicTime) -> MonotonicTime? {
        let (due, isFloodOver) = state.withLock { state in
            for condemned in state.table.expire(at: now) { Self.shutDown(condemned) }
            let isFloodOver = state.flood.takeEnd(at: now)
            return (
                [state.table.nextDue(at: now), state.flood.endDue].compactMap { $0 }.min(),
                isFloodOver
            )
        }
        // Each connection had its memory among others' in glibc's heaps, which keep it.
        if isFloodOver { clinux_malloc_trim() }
        return due
    }

    /// Takes over what has been counted.
    func read(into statistics: inout ServerStatistics) {
        state.withLock { state in
            statistics.openConnections = state.table.openCount
            statistics.endedConnections = state.table.endedCounts
            statistics.answers = state.answers
        }
    }

    /// The corresponding C function is `shutdown`.
    private static func shutDown(_ condemned: ConnectionTable.Condemned) {
        if condemned.isLagging {
            // What was written is not taken: with a plain close the kernel would offer it for minutes.
            var option = linger(l_onoff: 1, l_linger: 0)
            let byteCount = socklen_t(MemoryLayout<linger>.size)
            _ = unsafe setsockopt(
                condemned.descriptor, SOL_SOCKET, SO_LINGER, &option, byteCount)
        }
        _ = shutdown(condemned.descriptor, CInt(SHUT_RDWR))
    }
}
