import CLinux
import Glibc
import Linux
import SystemPackage

/// The signals that a terminal's user sends, read from a descriptor (`man 2 signalfd`). They stay
/// blocked until the process ends, except while `raiseWithDefaultAction` runs.
struct TerminalSignals: ~Copyable {
    /// Signals that end the process, unless the parent set them to be ignored.
    private static let terminating = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Readable while a signal is pending.
    var descriptor: Int32 { opened.rawValue }
    private let opened: Descriptor

    init() throws(Errno) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in Self.terminating + [SIGTSTP] where !clinux_is_signal_ignored(signal) {
            unsafe sigaddset(&set, signal)
        }
        for signal in [SIGWINCH, SIGCONT] { unsafe sigaddset(&set, signal) }
        opened = Descriptor(owning: try systemCall { unsafe clinux_open_signals(&set) })
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// The next pending signal; nil if there is none.
    func next() -> Int32? {
        let signal = clinux_next_signal(descriptor)
        return signal > 0 ? signal : nil
    }

    static func isTerminating(_ signal: Int32) -> Bool { terminating.contains(signal) }

    /// Raises the signal with its default action, not that of Swift's runtime, which prints a
    /// backtrace for SIGQUIT.
    static func raiseWithDefaultAction(_ signal: Int32) {
        if isTerminating(signal) { Glibc.signal(signal, SIG_DFL) }
        var set = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, signal)
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, &before)
        raise(signal)
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
