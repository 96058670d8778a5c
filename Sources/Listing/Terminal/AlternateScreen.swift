import Glibc

/// The terminal's alternate screen, without a cursor, with keys that are read as they are typed.
/// `leave` restores the previous state.
struct AlternateScreen {
    /// Switches to the cleared alternate screen, hides the cursor, and turns wrapping off, in case
    /// the terminal displays a character wider than expected.
    private static let begin: StaticString = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[H\u{1B}[2J"
    private static let end: StaticString = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// The original modes; nil if standard input is not a terminal.
    private let modes: termios?
    private var isEntered = false

    init() {
        var modes = termios()
        let isTerminal = unsafe tcgetattr(STDIN_FILENO, &modes) == 0
        self.modes = isTerminal ? modes : nil
    }

    /// Whether keys can be read from standard input.
    var hasKeys: Bool { modes != nil }

    /// Enters the screen, also again after another program has used the terminal.
    mutating func enter() {
        isEntered = true
        if var modes {
            modes.c_lflag &= ~tcflag_t(ICANON | ECHO)
            unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
        }
        Self.write(Self.begin)
    }

    /// Restores the terminal. Does nothing unless `enter` was called since the last `leave`.
    mutating func leave() {
        guard isEntered else { return }
        isEntered = false
        Self.write(Self.end)
        if var modes { unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes) }
    }

    /// Ignores errors: a terminal that is gone needs no restoring.
    private static func write(_ text: StaticString) {
        text.withUTF8Buffer { _ = unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
