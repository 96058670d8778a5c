import Glibc

/// State that threads share and wait for: a mutex, and a condition by the monotonic clock.
///
/// Unchecked: the state is touched with the mutex held only, and the pointers are constants to what is
/// made for sharing.
@safe package final class ConditionLock<State: Sendable>: @unchecked Sendable {
    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ state: State) {
        self.state = state
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Changes the state, and has those who wait look at it.
    package func update<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        defer { unsafe pthread_cond_broadcast(condition) }
        return body(&state)
    }

    /// Waits until the closure finds a result in the state. It is called with the mutex held: now, and
    /// after each change.
    ///
    /// - Parameter deadline: Nil waits without end.
    /// - Returns: Nil when there was no result until then.
    package func wait<Result>(
        until deadline: MonotonicTime? = nil, _ find: (inout State) -> Result?
    ) -> Result? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = find(&state) { return result }
            guard sleep(until: deadline) else { return find(&state) }
        }
    }

    /// Sleeps with the mutex given back, until a change; false at the deadline.
    private func sleep(until deadline: MonotonicTime?) -> Bool {
        guard let deadline else { return unsafe pthread_cond_wait(condition, mutex) == 0 }
        var time = timespec(deadline)
        return unsafe pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }
}

extension timespec {
    fileprivate init(_ time: MonotonicTime) {
        let (seconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.init(tv_sec: Int(seconds), tv_nsec: Int(rest))
    }
}
