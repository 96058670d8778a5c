import Linux
import Synchronization
package import SystemPackage

/// Work that is done once for all who ask for it while it is in progress.
///
/// A hundred scrapers at the same time cost one pass over the table. The work runs on a thread of its
/// own, so that no server thread waits for it. Work that makes no progress is given up: nobody waits for
/// it any longer, and no other is started until it ends, so that one thread at most is lost.
package final class SingleFlight<Value: Sendable>: Sendable {
    private struct Waiter {
        let isWaiting: @Sendable () -> Bool
        let deliver: @Sendable (Value) -> Void
        let giveUp: @Sendable () -> Void
    }

    private struct State {
        var isRunning = false
        /// Whether the work was given up, and has not ended.
        var isStuck = false
        /// Whether the watchdog will look at the work.
        var isWatched = false
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

        mutating func takeWaiters() -> [Waiter] {
            defer {
                waiters = []
                countToPurge = SingleFlight.countToPurgeMin
            }
            return waiters
        }
    }

    /// What the watchdog's thread needs: it does not keep the flight.
    private final class Watched: Sendable {
        let state = Mutex(State())
        let progress: ScrapeProgress
        let timeMax: Duration
        let report: @Sendable (_ isStuck: Bool) -> Void

        init(
            _ progress: ScrapeProgress, timeMax: Duration,
            report: @escaping @Sendable (_ isStuck: Bool) -> Void
        ) {
            self.progress = progress
            self.timeMax = timeMax
            self.report = report
        }

        /// Gives the work up if it is time to.
        ///
        /// - Returns: When to look again.
        func look(at now: MonotonicTime) -> MonotonicTime? {
            var abandoned: [Waiter] = []
            let next = state.withLock { state -> MonotonicTime? in
                let due = progress.last + timeMax
                if state.isRunning, due > now { return due }
                state.isWatched = false
                if state.isRunning {
                    state.isStuck = true
                    abandoned = state.takeWaiters()
                    report(true)
                }
                return nil
            }
            for waiter in abandoned { waiter.giveUp() }
            return next
        }
    }

    /// What becomes of a request.
    private enum Step { case wait, start(isWatched: Bool), giveUp }

    private static var countToPurgeMin: Int { 64 }

    private let work: @Sendable () -> Value
    private let watched: Watched
    private let watchdog: DeadlineTimer

    /// - Parameters:
    ///   - timeMax: How long the work may go without progress.
    ///   - progress: Noted by the work.
    ///   - report: Called when the work was given up, and when it has ended after all.
    ///   - work: What is done.
    package init(
        timeMax: Duration, progress: ScrapeProgress = ScrapeProgress(),
        report: @escaping @Sendable (_ isStuck: Bool) -> Void = { _ in },
        work: @escaping @Sendable () -> Value
    ) throws(Errno) {
        self.work = work
        let watched = Watched(progress, timeMax: timeMax, report: report)
        self.watched = watched
        watchdog = DeadlineTimer { watched.look(at: $0) }
        try watchdog.start()
    }

    deinit {
        watchdog.end()
    }

    /// Calls `deliver` with the result of the work in progress, else of new work; from another thread.
    ///
    /// - Parameters:
    ///   - isWaiting: Whether a result is still wanted. Waiters that have gone are not called, and
    ///     removed in time: work that lasts must not collect them without end.
    ///   - giveUp: Called instead of `deliver` where the work hangs: now, or from another thread.
    package func request(
        while isWaiting: @escaping @Sendable () -> Bool = { true },
        _ deliver: @escaping @Sendable (Value) -> Void,
        orGiveUp giveUp: @escaping @Sendable () -> Void = {}
    ) {
        let step = watched.state.withLock { state -> Step in
            guard !state.isStuck else { return .giveUp }
            state.add(Waiter(isWaiting: isWaiting, deliver: deliver, giveUp: giveUp))
            guard !state.isRunning else { return .wait }
            watched.progress.note()
            state.isRunning = true
            defer { state.isWatched = true }
            return .start(isWatched: state.isWatched)
        }
        switch step {
        case .wait: break
        case .giveUp: giveUp()
        case .start(let isWatched):
            if !isWatched { watchdog.schedule(by: .now + watched.timeMax) }
            Thread.detach { [self] in execute() }
        }
    }

    /// Those included who have gone and were not removed yet.
    var waiterCount: Int { watched.state.withLock { $0.waiters.count } }

    private func execute() {
        let value = work()
        let waiters = watched.state.withLock { state in
            if state.isStuck { watched.report(false) }
            state.isRunning = false
            state.isStuck = false
            return state.takeWaiters()
        }
        for waiter in waiters where waiter.isWaiting() { waiter.deliver(value) }
    }
}
