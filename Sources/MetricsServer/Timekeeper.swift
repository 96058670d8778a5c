import Glibc

/// A thread that does some work whenever it is due, and sleeps until then.
///
/// Unchecked: the pointers are constants, and what they point to is made for sharing; the other members
/// are used by whoever holds the mutex.
@safe final class Timekeeper: @unchecked Sendable {
    /// - Returns: When it is due again; nil while nothing is.
    typealias Work = @Sendable (_ now: MonotonicTime) -> MonotonicTime?

    private let work: Work
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var thread: pthread_t?
    private var isStopping = false
    private var isHurried = false
    /// When the thread wakes up; nil while it works, or sleeps until it is hurried.
    private var plannedDue: MonotonicTime?

    init(_ work: @escaping Work) {
        self.work = work
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        stop()
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Starts the thread, once; false where the system has none left.
    ///
    /// The corresponding C function is `pthread_create`.
    func start() -> Bool {
        var thread = pthread_t()
        // Not retained: it is joined before this object goes.
        let status = unsafe pthread_create(
            &thread, nil,
            { keeper in
                guard let keeper = unsafe keeper else { return nil }
                unsafe Unmanaged<Timekeeper>.fromOpaque(keeper).takeUnretainedValue().run()
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        guard status == 0 else { return false }
        withLock { self.thread = thread }
        return true
    }

    /// Ends the thread and waits for it. It must not be called by the work itself.
    func stop() {
        let running = withLock {
            isStopping = true
            unsafe pthread_cond_signal(condition)
            defer { thread = nil }
            return thread
        }
        if let running { pthread_join(running, nil) }
    }

    /// Has the work done at that moment at the latest.
    func hurry(to due: MonotonicTime) {
        withLock {
            if let plannedDue, plannedDue <= due { return }
            isHurried = true
            unsafe pthread_cond_signal(condition)
        }
    }

    private func run() {
        while withLock({ !isStopping }) {
            let due = work(MonotonicTime.now)
            withLock { sleep(until: due) }
        }
    }

    /// Sleeps with the mutex given back, unless somebody was in a hurry since the work began.
    private func sleep(until due: MonotonicTime?) {
        plannedDue = due
        while !isStopping && !isHurried {
            guard let due else {
                unsafe pthread_cond_wait(condition, mutex)
                continue
            }
            // One tick of the coarse clock later, or it would not be due yet by that clock.
            let (seconds, rest) = (due.milliseconds + 10).quotientAndRemainder(dividingBy: 1000)
            var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest) * 1_000_000)
            if unsafe pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
        }
        isHurried = false
        plannedDue = nil
    }

    private func withLock<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }
}
