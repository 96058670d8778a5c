import CLinux
import Glibc
import Linux
import SystemPackage

/// The signals that a terminal's user sends, told by a descriptor and not by handlers. They stay
/// blocked until the end of the process, but for the moments in which one is to have its usual effect.
struct TerminalSignals: ~Copyable {
    /// Signals that end the process, if nobody has said that they shall be ignored.
    private static let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Becomes readable when there is a signal.
    var descriptor: Int32 { opened.rawValue }
    private let opened: Descriptor

    init() throws(Errno) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in Self.ending + [SIGTSTP] where !clinux_is_signal_ignored(signal) {
            unsafe sigaddset(&set, signal)
        }
        for signal in [SIGWINCH, SIGCONT] { unsafe sigaddset(&set, signal) }
        opened = Descriptor(owning: try systemCall { unsafe clinux_open_signals(&set) })
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// The next one that came; nil when there is none.
    func next() -> Int32? {
        let signal = clinux_next_signal(descriptor)
        return signal > 0 ? signal : nil
    }

    static func isEnding(_ signal: Int32) -> Bool { ending.contains(signal) }

    /// Lets the signal do what it does to a process that has arranged nothing. (Swift's runtime may
    /// have: it has a backtrace for SIGQUIT.)
    static func act(_ signal: Int32) {
        if isEnding(signal) { Glibc.signal(signal, SIG_DFL) }
        var set = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, signal)
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, &before)
        raise(signal)
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
