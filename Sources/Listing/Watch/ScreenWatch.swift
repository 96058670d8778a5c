import ByteText
import Glibc
import Linux
import SystemPackage
import TCPModel

/// Redraws the listing on a terminal until a key or a signal ends it. One thread waits for keys,
/// signals, the next refresh and its end, with one poll(2).
struct ScreenWatch: ~Copyable {
    private let reader: BackgroundReader
    private var listing: ListingResult
    private var history: WatchHistory
    private var view: WatchView
    private var rows: WatchRows
    private var keys = KeyDecoder()
    private var style: TextStyle
    private let milliseconds: Int
    private var screen = AlternateScreen()
    private let signals: TerminalSignals
    private var output = BufferedOutput(.standardOutput)
    /// Whether keys can still be read.
    private var hasKeys: Bool

    private enum Event {
        case timeout
        case read
        case resized
        case keys([Key])
        case signal(Int32)
    }

    init(
        _ first: ListingResult, _ reader: ListingReader, _ style: TextStyle,
        sort: ColumnSort?, milliseconds: Int
    ) throws(ListingError) {
        let background: BackgroundReader
        do throws(Errno) { background = try BackgroundReader(reader) } catch {
            throw .signals(error)
        }
        do throws(Errno) { signals = try TerminalSignals() } catch { throw .signals(error) }
        self.reader = background
        listing = first
        history = WatchHistory(first.content)
        view = WatchView(sort: sort)
        rows = WatchRows(history, view, style.charset)
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
        var next: MonotonicTime? = .now + .milliseconds(milliseconds)
        while true {
            try draw()
            switch try wait(until: next) {
            case .timeout:
                next = nil
                reader.begin()
            case .read:
                guard let listing = try reader.take() else { continue }
                show(listing)
                next = .now + .milliseconds(milliseconds)
            case .keys(let keys):
                if press(keys) { return nil }
            case .signal(let signal):
                if TerminalSignals.isTerminating(signal) { return signal }
                if let terminating = resume(after: signal) { return terminating }
            case .resized: break
            }
        }
    }

    private mutating func show(_ next: ListingResult) {
        listing = next
        history.advance(next.content)
        arrange()
    }

    /// - Returns: Whether a key ends the watch.
    private mutating func press(_ keys: [Key]) -> Bool {
        for key in keys {
            switch view.press(key, frame) {
            case .quit: return true
            case .arrange: arrange()
            case .draw, .none: break
            }
        }
        return false
    }

    /// Puts the rows in the order of the view.
    private mutating func arrange() {
        rows = WatchRows(history, view, style.charset)
        view.clamp(frame)
    }

    /// - Parameter time: When to begin to read; nil while that goes on.
    private mutating func wait(until time: MonotonicTime?) throws(ListingError) -> Event {
        while true {
            if let signal = signals.next() {
                return signal == SIGWINCH ? .resized : .signal(signal)
            }
            var watched = [signals.descriptor, reader.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            if hasKeys {
                watched.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0))
            }
            let timeout = time?.millisecondsLeft ?? -1
            let count = unsafe poll(&watched, nfds_t(watched.count), timeout)
            if count == 0 { return .timeout }
            if count < 0, errno != EINTR { throw .signals(Errno(rawValue: errno)) }
            if hasKeys, watched[2].revents != 0 { return .keys(readKeys()) }
            if watched[1].revents != 0 { return .read }
        }
    }

    /// The keys typed so far.
    private mutating func readKeys() -> [Key] {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        // A terminal that is gone stays readable for ever: polling it would be a busy loop.
        if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { hasKeys = false }
        return keys.keys(bytes.prefix(max(0, count)))
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
    private var size: (rows: Int, columns: Int) {
        Terminal.size(STDOUT_FILENO) ?? (rows: 24, columns: 80)
    }

    private var frame: WatchView.Frame {
        WatchView.Frame(
            rowCount: rows.rowCount, pageRowCount: screen(size.rows).pageRowCount,
            columns: history.current.columns)
    }

    private func screen(_ rowsMax: Int) -> WatchScreen {
        WatchScreen(
            rows: rows, view: view, time: listing.time,
            problems: listing.problems + (listing.emptiness.map { [$0] } ?? []), rowsMax: rowsMax)
    }

    /// Draws the rows over the previous screen, with one write(2).
    private mutating func draw() throws(ListingError) {
        view.clamp(frame)
        let size = size
        style.columnsMax = size.columns
        output.bytes.append("\u{1B}[H")
        output.bytes.append(screen: screen(size.rows), style)
        output.bytes.append("\u{1B}[J")
        try output.flush()
    }
}
