import ByteText
import Glibc
import Linux
import SystemPackage
import TCPConnections

/// Redraws the listing on a terminal until a key or a signal ends it. One thread waits for keys,
/// signals and the next refresh, with one poll(2).
struct ScreenWatch: ~Copyable {
    private var reader: ListingReader<KernelTCPTable>
    private var listing: ListingResult
    private var style: TextStyle
    private let milliseconds: Int
    private var screen = AlternateScreen()
    private let signals: TerminalSignals
    private var output = BufferedOutput(.standardOutput)
    /// Whether keys can still be read.
    private var hasKeys: Bool

    private enum Event {
        case timeout
        case resized
        case quit
        case signal(Int32)
    }

    init(
        _ first: ListingResult, _ reader: ListingReader<KernelTCPTable>, _ style: TextStyle,
        milliseconds: Int
    ) throws(ListingError) {
        do throws(Errno) { signals = try TerminalSignals() } catch { throw .signals(error) }
        self.reader = reader
        listing = first
        self.style = style
        self.style.erasesLineEnds = true
        self.milliseconds = milliseconds
        hasKeys = screen.hasKeys
    }

    /// Runs until a key or a signal ends it. A signal takes effect after the terminal is restored.
    mutating func run() throws(ListingError) {
        guard enter() else { return }
        let signal: Int32?
        do throws(ListingError) {
            signal = try watch()
        } catch {
            screen.leave()
            throw error
        }
        screen.leave()
        if let signal { TerminalSignals.raiseWithDefaultAction(signal) }
    }

    /// - Returns: The signal that ended it; nil for a key.
    private mutating func watch() throws(ListingError) -> Int32? {
        while true {
            try draw()
            let next = MonotonicTime.now + .milliseconds(milliseconds)
            while true {
                let event = try wait(until: next)
                if case .timeout = event { break }
                if case .quit = event { return nil }
                if case .signal(let signal) = event {
                    if TerminalSignals.isTerminating(signal) { return signal }
                    if let terminating = resume(after: signal) { return terminating }
                }
                try draw()
            }
            listing = try reader.read()
        }
    }

    private mutating func wait(until time: MonotonicTime) throws(ListingError) -> Event {
        while true {
            if let signal = signals.next() {
                return signal == SIGWINCH ? .resized : .signal(signal)
            }
            var watched = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
            if hasKeys {
                watched.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0))
            }
            let count = unsafe poll(&watched, nfds_t(watched.count), time.millisecondsLeft)
            if count == 0 { return .timeout }
            if count < 0, errno != EINTR { throw .signals(Errno(rawValue: errno)) }
            if hasKeys, watched[1].revents != 0, readKeys() { return .quit }
        }
    }

    /// Reads the keys typed so far, and returns whether `q` is among them.
    private mutating func readKeys() -> Bool {
        var keys = [UInt8](repeating: 0, count: 64)
        let count = unsafe Glibc.read(STDIN_FILENO, &keys, keys.count)
        // A terminal that is gone stays readable for ever: polling it would be a busy loop.
        if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { hasKeys = false }
        return keys.prefix(max(0, count)).contains(UInt8(ascii: "q"))
    }
}

// Job control.
extension ScreenWatch {
    /// Stops this process after SIGTSTP. After SIGCONT, from whatever source, enters the screen
    /// again.
    ///
    /// - Returns: A terminating signal that arrived meanwhile.
    private mutating func resume(after signal: Int32) -> Int32? {
        if signal == SIGTSTP {
            screen.leave()
            TerminalSignals.raiseWithDefaultAction(SIGTSTP)
        }
        return enterInForeground()
    }

    /// - Returns: Whether the screen was entered; if not, a terminating signal was raised.
    private mutating func enter() -> Bool {
        guard let signal = enterInForeground() else { return true }
        TerminalSignals.raiseWithDefaultAction(signal)
        return false
    }

    /// Enters the screen, after waiting until this is the foreground job. A background job stops
    /// itself with SIGTTOU. If the kernel stopped it, in tcsetattr(3), it could not react to a
    /// terminating signal.
    ///
    /// - Returns: A terminating signal that arrived meanwhile.
    private mutating func enterInForeground() -> Int32? {
        while true {
            while let signal = signals.next() {
                if TerminalSignals.isTerminating(signal) { return signal }
            }
            guard Terminal.isInBackground(STDOUT_FILENO) else { break }
            TerminalSignals.raiseWithDefaultAction(SIGTTOU)
            // In an orphaned process group SIGTTOU does not stop it: it waits here.
            var watched = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&watched, 1, 200)
        }
        screen.enter()
        return nil
    }
}

// Drawing.
extension ScreenWatch {
    /// Draws the listing over the previous one, with one write(2).
    private mutating func draw() throws(ListingError) {
        let size = Terminal.size(STDOUT_FILENO) ?? (rows: 24, columns: 80)
        style.columnsMax = size.columns
        output.bytes.append("\u{1B}[H")
        output.bytes.append(screen: listing, rowsMax: size.rows, style)
        output.bytes.append("\u{1B}[J")
        try output.flush()
    }
}
