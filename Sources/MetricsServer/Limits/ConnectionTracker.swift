import CLinux
import Glibc
import Linux

/// Which connections are open, over all listening addresses, and the means to close them.
///
/// libmicrohttpd 0.9.75 closes a connection that is silent for some time, and nothing else: a client
/// that sends a byte now and then could keep it for ever.
///
/// A connection that must go is shut down here and closed by libmicrohttpd's own thread, which wakes
/// up by it. The lock is held meanwhile: libmicrohttpd tells of a connection's end, which takes the
/// lock too, before it closes the descriptor, so the number is no other's yet.
final class ConnectionTracker: Sendable {
    private struct State {
        var table: ConnectionTable
        var responses = ResponseCounts()
        var isStopping = false
        /// The high-water mark of connections since heap memory was given back.
        var countPeak = 0

        /// Whether there were many connections, and most are gone. Fewer than 64 leave nothing worth while.
        mutating func isFloodOver() -> Bool {
            guard countPeak >= 64, table.presentCount <= countPeak / 2 else { return false }
            countPeak = table.presentCount
            return true
        }

        mutating func closeAll() {
            for closing in table.closeAll() { ConnectionTracker.shutDown(closing) }
        }
    }

    private let state: ConditionLock<State>

    init(_ limits: ServerLimits) {
        state = ConditionLock(State(table: ConnectionTable(ConnectionLimits(limits))))
    }

    /// Waits until another connection may be accepted; false once the server stops.
    func awaitRoom() -> Bool {
        let isReady = state.wait(until: .now + .seconds(1)) { state in
            if state.isStopping { return false }
            return state.table.hasRoom && state.table.isUpToDate ? true : nil
        }
        // libmicrohttpd does not tell of connections that it fails to serve for lack of memory.
        return isReady
            ?? state.wait { state in
                if state.isStopping { return false }
                return state.table.hasRoom ? true : nil
            } ?? false
    }

    /// A connection has been accepted.
    func accept(_ descriptor: CInt, from client: ClientAddress?) {
        state.update { $0.table.accept(descriptor, from: client) }
    }

    /// libmicrohttpd serves a connection from now on.
    func start(_ descriptor: CInt) {
        let now = MonotonicTime.now
        state.update { state in
            if let closing = state.table.start(descriptor, at: now) { Self.shutDown(closing) }
            state.countPeak = max(state.countPeak, state.table.presentCount)
            if state.isStopping { state.closeAll() }
        }
    }

    /// A connection is in another phase from now on.
    func move(_ descriptor: CInt, to phase: ConnectionTable.Phase) {
        let now = MonotonicTime.now
        state.update { $0.table.move(descriptor, to: phase, at: now) }
    }

    /// A connection is given its response now, which its client has to take.
    func write(_ descriptor: CInt, _ response: HTTPResponse) {
        let now = MonotonicTime.now
        let body = ResponseBody(response.body)
        state.update { state in
            for closing in state.table.write(descriptor, body, at: now) { Self.shutDown(closing) }
            state.responses.count(response.status)
        }
    }

    /// libmicrohttpd has answered of its own accord.
    func count(status: Int) {
        state.update { $0.responses.count(status) }
    }

    /// A connection is about to be closed.
    func close(_ descriptor: CInt) {
        state.update { $0.table.close(descriptor) }
    }

    /// Shuts those down whose clients have had their time, and gives memory back after a flood.
    ///
    /// - Returns: When to call again; nil is never.
    func expire(at now: MonotonicTime) -> MonotonicTime? {
        let (due, isFloodOver) = state.update { state in
            for closing in state.table.expire(at: now) { Self.shutDown(closing) }
            return (state.table.nextDue(at: now), state.isFloodOver())
        }
        // GnuTLS has its sessions in glibc's heaps, which keep what they had.
        if isFloodOver { clinux_malloc_trim() }
        return due
    }

    /// Accepts nothing more.
    func stopAccepting() {
        state.update { $0.isStopping = true }
    }

    /// Shuts every connection down and waits until libmicrohttpd has closed them; for that long at most.
    func closeAll(within duration: Duration) {
        state.update { $0.closeAll() }
        _ = state.wait(until: .now + duration) { $0.table.presentCount > 0 ? nil : true }
    }

    /// Copies what has been counted.
    func read(into statistics: inout ServerStatistics) {
        state.update { state in
            statistics.openConnections = state.table.openCount
            statistics.endedConnections = state.table.endedCounts
            statistics.responses = state.responses
        }
    }

    /// The corresponding C function is `shutdown`.
    fileprivate static func shutDown(_ closing: ConnectionTable.ConnectionToClose) {
        if closing.awaitsResponse {
            // What was written is not taken: with a plain close the kernel would offer it for minutes.
            var option = linger(l_onoff: 1, l_linger: 0)
            let byteCount = socklen_t(MemoryLayout<linger>.size)
            _ = unsafe setsockopt(
                closing.descriptor, SOL_SOCKET, SO_LINGER, &option, byteCount)
        }
        _ = shutdown(closing.descriptor, CInt(SHUT_RDWR))
    }
}
