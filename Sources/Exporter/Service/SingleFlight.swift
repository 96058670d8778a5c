import Linux
import Synchronization

/// Work that is done once for all who ask for it while it is in progress.
///
/// A hundred scrapers at the same time cost one pass over the table. The work runs on a thread of its
/// own, so that no server thread waits for it.
package final class SingleFlight<Value: Sendable>: Sendable {
    private struct Waiter {
        let isWaiting: @Sendable () -> Bool
        let deliver: @Sendable (Value) -> Void
    }

    private struct State {
        var isRunning = false
        var waiters: [Waiter] = []
        /// From this count on, waiters that have gone are removed first.
        var countToPurge = SingleFlight.countToPurgeMin

        /// The count doubles over what a purge leaves, so that purging costs a constant for each waiter.
        mutating func add(_ waiter: Waiter) {
            if waiters.count >= countToPurge {
                waiters.removeAll { !$0.isWaiting() }
                countToPurge = max(SingleFlight.countToPurgeMin, waiters.count * 2)
            }
            waiters.append(waiter)
        }
    }

    private static var countToPurgeMin: Int { 64 }

    private let work: @Sendable () -> Value
    private let state = Mutex(State())

    package init(work: @escaping @Sendable () -> Value) {
        self.work = work
    }

    /// Calls `deliver` with the result of the work in progress, else of new work; from another thread.
    ///
    /// - Parameter isWaiting: Whether a result is still wanted. Waiters that have gone are not called,
    ///   and removed in time: work that lasts must not collect them without end.
    package func request(
        while isWaiting: @escaping @Sendable () -> Bool = { true },
        _ deliver: @escaping @Sendable (Value) -> Void
    ) {
        let isFirst = state.withLock { state in
            state.add(Waiter(isWaiting: isWaiting, deliver: deliver))
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst { Thread.detach { [self] in execute() } }
    }

    /// Those included who have gone and were not removed yet.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    private func execute() {
        let value = work()
        let waiters = state.withLock { state in
            defer { state = State() }
            return state.waiters
        }
        for waiter in waiters where waiter.isWaiting() { waiter.deliver(value) }
    }
}
