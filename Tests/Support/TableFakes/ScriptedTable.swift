import Synchronization
package import TCPModel

/// A table whose rows a test writes, and changes from one scrape to the next.
package struct ScriptedTable: ConnectionSource {
    /// What the test and the table share.
    package final class Script: Sendable {
        package struct State: Sendable {
            package var rows: [TCPConnection] = []
            package var error: ConnectionSourceError?
            package var outcome = DumpOutcome()
            /// Rows of a first attempt that the kernel then calls off.
            package var abandonedRows: [TCPConnection] = []
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

    /// The step that comes next.
    private var step = 0

    package mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        rows = []
        let now = script.next
        step += 1
        switch step {
        case 1:
            rows = now.abandonedRows
            return .rows
        case 2: return now.abandonedRows.isEmpty ? .rows : .restarted
        case 3:
            rows = now.rows
            return .rows
        default:
            step = 0
            if let error = now.error { throw error }
            return .complete(now.outcome)
        }
    }
}
