import Glibc

/// `SIGINT`, `SIGTERM` and `SIGHUP`, blocked in all threads but the one that waits for them. Must be
/// created before any other thread, because threads inherit the blocked signals.
struct ServiceSignals {
    /// What a signal asks for.
    enum Request {
        /// Read the configuration again.
        case reload
        /// End, because of the signal with this name.
        case terminate(String)
    }

    private var set = sigset_t()

    init() {
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // Writing to a closed connection must fail, not end the process.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for a signal.
    ///
    /// The corresponding C function is `sigwait`.
    func wait() -> Request {
        var set = set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
        return switch number {
        case SIGHUP: .reload
        case SIGINT: .terminate("SIGINT")
        default: .terminate("SIGTERM")
        }
    }
}
