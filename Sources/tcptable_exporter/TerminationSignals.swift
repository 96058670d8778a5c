import Glibc

/// `SIGINT` and `SIGTERM`, blocked in all threads but the one that waits for them. Must be created
/// before any other thread, because threads inherit the blocked signals.
struct TerminationSignals {
    private var set = sigset_t()

    init() {
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // Writing to a closed connection must fail, not end the process.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for a signal and returns its name.
    func wait() -> String {
        var set = set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }
}
