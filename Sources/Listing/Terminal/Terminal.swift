import CLinux
import Glibc

/// What a terminal is, and its place among the descriptors.
enum Terminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// In character cells; nil when the terminal does not know (a serial line).
    static func size(_ descriptor: Int32) -> (rows: Int, columns: Int)? {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        guard unsafe clinux_terminal_size(descriptor, &rows, &columns) == 0, rows > 0, columns > 0
        else { return nil }
        return (Int(rows), Int(columns))
    }

    /// Whether another job has the terminal now, so that changing its modes would stop this one
    /// (`man 3 termios`, SIGTTOU).
    static func isInBackground(_ descriptor: Int32) -> Bool {
        let foreground = tcgetpgrp(descriptor)
        return foreground >= 0 && foreground != getpgrp()
    }
}

extension OutputEnvironment {
    /// Of standard output.
    static func standardOutput() -> OutputEnvironment {
        OutputEnvironment(
            isTerminal: Terminal.isTerminal(STDOUT_FILENO), noColor: variable("NO_COLOR"),
            terminalType: variable("TERM"), isLocaleUTF8: clinux_is_locale_utf8())
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

/// The terminal as a screen to draw on: another page without a cursor, and keys that come at once.
/// How it was is put back by `leave`.
struct Screen {
    /// The alternate screen, cleared; no cursor; no wrapping, should a terminal think a character
    /// wider than we do.
    private static let begin: StaticString = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[H\u{1B}[2J"
    private static let end: StaticString = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// Nil when standard input is no terminal.
    private let modes: termios?
    private var isEntered = false

    init() {
        var modes = termios()
        let isTerminal = unsafe tcgetattr(STDIN_FILENO, &modes) == 0
        self.modes = isTerminal ? modes : nil
    }

    /// Whether keys can be read.
    var hasKeys: Bool { modes != nil }

    /// May be done again, after others have used the terminal.
    mutating func enter() {
        isEntered = true
        if var modes {
            modes.c_lflag &= ~tcflag_t(ICANON | ECHO)
            unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
        }
        Self.write(Self.begin)
    }

    /// Does nothing when others have the terminal: to change its modes would stop this process.
    mutating func leave() {
        guard isEntered else { return }
        isEntered = false
        Self.write(Self.end)
        if var modes { unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes) }
    }

    /// A terminal that is gone needs no care.
    private static func write(_ text: StaticString) {
        text.withUTF8Buffer { _ = unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
