package import SystemPackage

/// A thread that does some work whenever it is due, and sleeps until then.
package final class DeadlineTimer: Sendable {
    /// - Returns: When it is due again; nil while nothing is.
    package typealias Work = @Sendable (_ now: MonotonicTime) -> MonotonicTime?

    private struct State {
        var isStopping = false
        var isRunning = false
        /// The earliest moment asked for that the thread does not know yet.
        var scheduled: MonotonicTime?
    }

    private enum Wakeup {
        case stop
        case earlier(MonotonicTime)
    }

    private let work: Work
    private let state = ConditionLock(State())

    package init(_ work: @escaping Work) {
        self.work = work
    }

    /// Starts the thread, once; it lives until `stop`. Throws where the system has none left.
    package func start() throws(Errno) {
        state.update { $0.isRunning = true }
        do throws(Errno) {
            _ = try Thread { [self] in run() }
        } catch {
            state.update { $0.isRunning = false }
            throw error
        }
    }

    /// Ends the thread and waits for its end. It must not be called by the work itself.
    package func stop() {
        end()
        _ = state.wait { $0.isRunning ? nil : true }
    }

    /// Ends the thread soon. The work itself may call it.
    package func end() { state.update { $0.isStopping = true } }

    /// Has the work done at that moment at the latest.
    package func schedule(by due: MonotonicTime) {
        state.update { $0.scheduled = min($0.scheduled ?? due, due) }
    }

    private func run() {
        var due = work(MonotonicTime.now)
        loop: while true {
            switch sleep(until: due) {
            case .stop: break loop
            case .earlier(let time): due = time
            case nil: due = work(MonotonicTime.now)
            }
        }
        state.update { $0.isRunning = false }
    }

    /// Nil when the moment has come. What is scheduled for later needs no wakeup: the work itself says
    /// when it is due next.
    private func sleep(until due: MonotonicTime?) -> Wakeup? {
        state.wait(until: due) { state in
            if state.isStopping { return .stop }
            defer { state.scheduled = nil }
            guard let scheduled = state.scheduled, due.map({ scheduled < $0 }) ?? true else {
                return nil
            }
            return .earlier(scheduled)
        }
    }
}
