import ByteText
import Glibc
import Linux
import SystemPackage
import TCPConnections

/// Listings on a terminal, each drawn over the last, until a key or a signal ends it. One thread: it
/// waits for keys, signals and the time at the same place.
struct ScreenWatch: ~Copyable {
    private var reader: ListingReader<KernelTCPTable>
    private var reading: Reading
    private var style: TextStyle
    private let milliseconds: Int
    private var screen = Screen()
    private let signals: TerminalSignals
    private var output = Output(.standardOutput)
    /// Whether the terminal's user can still type.
    private var hasKeys: Bool

    private enum Event {
        case time
        case resized
        case quit
        case signal(Int32)
    }

    init(
        _ first: Reading, _ reader: ListingReader<KernelTCPTable>, _ style: TextStyle,
        milliseconds: Int
    ) throws(ListingFailure) {
        do throws(Errno) { signals = try TerminalSignals() } catch { throw .signals(error) }
        self.reader = reader
        reading = first
        self.style = style
        self.style.erasesLineEnds = true
        self.milliseconds = milliseconds
        hasKeys = screen.hasKeys
    }

    /// Until a key ends it. A signal that does has its usual effect after the terminal is as it was.
    mutating func run() throws(ListingFailure) {
        guard enter() else { return }
        let ending: Int32?
        do throws(ListingFailure) {
            ending = try watch()
        } catch {
            screen.leave()
            throw error
        }
        screen.leave()
        if let ending { TerminalSignals.act(ending) }
    }

    /// - Returns: The signal that ends it, nil for a key.
    private mutating func watch() throws(ListingFailure) -> Int32? {
        while true {
            try draw()
            let next = MonotonicTime.now + .milliseconds(milliseconds)
            while true {
                let event = try wait(until: next)
                if case .time = event { break }
                if case .quit = event { return nil }
                if case .signal(let signal) = event {
                    if TerminalSignals.isEnding(signal) { return signal }
                    if let ending = resume(after: signal) { return ending }
                }
                try draw()
            }
            reading = try reader.read()
        }
    }

    private mutating func wait(until time: MonotonicTime) throws(ListingFailure) -> Event {
        while true {
            if let signal = signals.next() {
                return signal == SIGWINCH ? .resized : .signal(signal)
            }
            var watched = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
            if hasKeys {
                watched.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0))
            }
            let count = unsafe poll(&watched, nfds_t(watched.count), time.millisecondsLeft)
            if count == 0 { return .time }
            if count < 0, errno != EINTR { throw .signals(Errno(rawValue: errno)) }
            if hasKeys, watched[1].revents != 0, readKeys() { return .quit }
        }
    }

    /// Whether the user wants to see no more.
    private mutating func readKeys() -> Bool {
        var keys = [UInt8](repeating: 0, count: 64)
        let count = unsafe Glibc.read(STDIN_FILENO, &keys, keys.count)
        // Nothing comes from a terminal that is gone, and poll would tell so again and again.
        if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { hasKeys = false }
        return keys.prefix(max(0, count)).contains(UInt8(ascii: "q"))
    }
}

// Leaving the terminal to others, and coming back.
extension ScreenWatch {
    /// After SIGTSTP it stops here; after SIGCONT, whoever sent it, the terminal is taken again.
    ///
    /// - Returns: A signal that ends it, and came meanwhile.
    private mutating func resume(after signal: Int32) -> Int32? {
        if signal == SIGTSTP {
            screen.leave()
            TerminalSignals.act(SIGTSTP)
        }
        return enterOrEnd()
    }

    /// - Returns: Whether it goes on.
    private mutating func enter() -> Bool {
        guard let ending = enterOrEnd() else { return true }
        TerminalSignals.act(ending)
        return false
    }

    /// Waits until this job has the terminal, stopped like any other that wants it. (To let the kernel
    /// stop it, by changing the terminal's modes, would be a trap: it would not come back to see that
    /// it is to end.)
    private mutating func enterOrEnd() -> Int32? {
        while true {
            while let signal = signals.next() {
                if TerminalSignals.isEnding(signal) { return signal }
            }
            guard Terminal.isInBackground(STDOUT_FILENO) else { break }
            TerminalSignals.act(SIGTTOU)
            // Where nobody can stop it, there it waits.
            var watched = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&watched, 1, 200)
        }
        screen.enter()
        return nil
    }
}

// Drawing.
extension ScreenWatch {
    /// Draws a frame over the last one, in one write.
    private mutating func draw() throws(ListingFailure) {
        let size = Terminal.size(STDOUT_FILENO) ?? (rows: 24, columns: 80)
        style.columnsMax = size.columns
        output.bytes.append("\u{1B}[H")
        output.bytes.append(frame: reading, rowsMax: size.rows, style)
        output.bytes.append("\u{1B}[J")
        try output.flush()
    }
}
