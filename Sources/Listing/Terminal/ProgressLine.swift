import CLinux
import Glibc

/// A line on standard error that says why it takes so long, while it does.
enum ProgressLine {
    private static let text: StaticString = "looking for owners\u{2026}"
    private static let asciiText: StaticString = "looking for owners..."

    /// Runs the body; when that takes more than a second, and standard error is a terminal, the line
    /// is there until the end. Only while the process has one thread.
    static func during<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard Terminal.isTerminal(STDERR_FILENO) else { return try body() }
        let text = clinux_is_locale_utf8() ? text : asciiText
        // A literal ends with a zero and is there for ever.
        unsafe UnsafeRawPointer(text.utf8Start).withMemoryRebound(to: CChar.self, capacity: 1) {
            unsafe clinux_progress_begin($0, 1)
        }
        defer { clinux_progress_end() }
        return try body()
    }
}
