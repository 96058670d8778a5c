import Glibc

/// `Synchronization.Mutex` with a lock that ThreadSanitizer sees, `pthread_mutex_t`.
///
/// With `TCPTABLE_PLANTED` in the environment it locks nothing, so that there are races to be found.
@safe public struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let value: UnsafeMutablePointer<Value>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// Makes the mutex, of that value.
    public init(_ initial: consuming sending Value) {
        unsafe value = .allocate(capacity: 1)
        unsafe value.initialize(to: initial)
        unsafe mutex = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
    }

    /// Calls the closure with the value, with the mutex held.
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        if locks { unsafe pthread_mutex_lock(mutex) }
        defer { if locks { unsafe pthread_mutex_unlock(mutex) } }
        return try unsafe body(&value.pointee)
    }
}

private let locks = unsafe getenv("TCPTABLE_PLANTED") == nil
