package import SockDiag
import Synchronization
package import TCPConnections

/// A table whose rows a test writes, and changes from one scrape to the next.
package struct ScriptedTable: TCPTableSource {
    /// What the test and the table share.
    package final class Script: Sendable {
        package struct State: Sendable {
            package var rows: [TCPConnection] = []
            package var error: SockDiagError?
            package var outcome = TCPSocketDump.Outcome()
            /// The rows of each attempt before that one, which the kernel calls off.
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

    package mutating func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        let now = script.next
        for rows in now.abandonedAttempts + [now.rows] {
            begin()
            for row in rows { body(row) }
        }
        if let error = now.error { throw error }
        return now.outcome
    }
}
