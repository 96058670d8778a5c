import CLinux
import Glibc

/// Queries of a terminal by its descriptor.
enum Terminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The size in character cells; nil if unknown, as on a serial line.
    static func size(_ descriptor: Int32) -> (rows: Int, columns: Int)? {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        guard unsafe clinux_terminal_size(descriptor, &rows, &columns) == 0, rows > 0, columns > 0
        else { return nil }
        return (Int(rows), Int(columns))
    }

    /// Whether this process is a background job: changing the terminal's modes would then stop it
    /// (SIGTTOU, `man 3 termios`).
    static func isInBackground(_ descriptor: Int32) -> Bool {
        let foreground = tcgetpgrp(descriptor)
        return foreground >= 0 && foreground != getpgrp()
    }
}

extension OutputEnvironment {
    /// The environment of standard output.
    static func standardOutput() -> OutputEnvironment {
        OutputEnvironment(
            isTerminal: Terminal.isTerminal(STDOUT_FILENO), noColor: variable("NO_COLOR"),
            terminalType: variable("TERM"), isLocaleUTF8: clinux_is_locale_utf8())
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
