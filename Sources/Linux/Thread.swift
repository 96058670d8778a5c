import Glibc
package import SystemPackage

/// A thread of the system that runs one closure. It must be joined, else it goes on alone.
///
/// It takes no signal but those of its own faults: others are for the threads that wait for them.
package struct Thread: ~Copyable, Sendable {
    private let identifier: pthread_t

    /// Starts the closure on a new thread; throws where the system has none left.
    ///
    /// The corresponding C function is `pthread_create`.
    package init(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        let context = unsafe Unmanaged.passRetained(ThreadBody(body))
        var identifier = pthread_t()
        let status = withSignalsBlocked {
            unsafe pthread_create(&identifier, nil, runThreadBody, context.toOpaque())
        }
        guard status == 0 else {
            unsafe context.release()
            throw Errno(rawValue: status)
        }
        self.identifier = identifier
    }

    /// Waits for the closure's end. A thread must not wait for itself.
    ///
    /// The corresponding C function is `pthread_join`.
    package consuming func join() {
        pthread_join(identifier, nil)
        discard self
    }

    /// The corresponding C function is `pthread_detach`.
    deinit {
        pthread_detach(identifier)
    }
}

extension Thread {
    /// Runs the closure on a new thread and does not wait for it; on the calling thread where the
    /// system has none left.
    package static func detach(_ body: @escaping @Sendable () -> Void) {
        do throws(Errno) { _ = try Thread(body) } catch { body() }
    }

    /// Runs the closure on a new thread, waits, and returns what it returned.
    package static func wait<Result>(for body: () -> Result) throws(Errno) -> Result {
        try withoutActuallyEscaping(body) { body throws(Errno) in
            // The caller waits, so the two threads never touch it at the same time.
            nonisolated(unsafe) let stay = ThreadResult(body)
            try Thread { unsafe stay.run() }.join()
            guard let result = unsafe stay.result else {
                preconditionFailure("the thread has ended")
            }
            return result
        }
    }
}

/// A new thread inherits what is blocked.
private func withSignalsBlocked(_ body: () -> CInt) -> CInt {
    var (blocked, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&blocked)
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS] {
        unsafe sigdelset(&blocked, fault)
    }
    unsafe pthread_sigmask(SIG_SETMASK, &blocked, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
}

private final class ThreadBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

private final class ThreadResult<Result> {
    private let body: () -> Result
    private(set) var result: Result?

    init(_ body: @escaping () -> Result) {
        self.body = body
    }

    func run() { result = body() }
}

private nonisolated func runThreadBody(
    _ context: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
