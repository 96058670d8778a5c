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

    /// Waits for a signal. A `SIGHUP` of a process asks to reload; the kernel's means that the terminal
    /// is gone, and ends the program like any other.
    ///
    /// The corresponding C function is `sigwaitinfo`.
    func wait() -> Request {
        var set = set
        var info = unsafe siginfo_t()
        while unsafe sigwaitinfo(&set, &info) < 0 {}
        return switch unsafe info.si_signo {
        case SIGHUP where unsafe info.si_code != CInt(SI_KERNEL): .reload
        case SIGHUP: .terminate("SIGHUP")
        case SIGINT: .terminate("SIGINT")
        default: .terminate("SIGTERM")
        }
    }
}
