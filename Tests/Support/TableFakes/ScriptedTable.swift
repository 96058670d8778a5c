import Synchronization
package import TCPModel

/// A table whose rows a test writes, and changes from one scrape to the next.
package struct ScriptedTable: ConnectionSource, ListenerSource {
    /// What the test and the table share.
    package final class Script: Sendable {
        package struct State: Sendable {
            package var rows: [TCPConnection] = []
            package var error: ConnectionSourceError?
            package var outcome = DumpOutcome()
            /// What listeners have dropped, by cookie.
            package var droppedCounts: [UInt64: UInt32] = [:]
            /// Why listeners cannot be read alone.
            package var listenerError: ConnectionSourceError?
            /// The rows of each attempt before that one, which the kernel then interrupts.
            package var abandonedAttempts: [[TCPConnection]] = []
        }

        private let state = Mutex(State())

        package init() {}

        /// What the next scrape sees.
        package var next: State {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    package let script: Script

    package init(script: Script) {
        self.script = script
    }

    /// A table with a script of its own.
    package init(_ rows: [TCPConnection] = [], _ change: (inout Script.State) -> Void = { _ in }) {
        script = Script()
        script.next.rows = rows
        change(&script.next)
    }

    package func listeners() throws(ConnectionSourceError) -> [ListeningSocket] {
        let now = script.next
        if let error = now.error ?? now.listenerError { throw error }
        return now.rows.filter(\.isListener).map {
            ListeningSocket($0, droppedCount: now.droppedCounts[$0.cookie] ?? 0)
        }
    }

    /// The step that comes next.
    private var step = 0

    package mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        rows = []
        let now = script.next
        step += 1
        let attempts = now.abandonedAttempts + [now.rows]
        // Each attempt gives its rows; all but the last are then called off.
        let (attempt, isEnd) = ((step - 1) / 2, step % 2 == 0)
        if !isEnd {
            rows = attempts[attempt]
            return .rows
        }
        if attempt < attempts.count - 1 { return .restarted }
        step = 0
        if let error = now.error { throw error }
        return .complete(now.outcome)
    }
}
