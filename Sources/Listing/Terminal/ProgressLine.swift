import CLinux
import Glibc

/// A progress message on standard error while a long search for owners runs.
enum ProgressLine {
    private static let text: StaticString = "searching for socket owners\u{2026}"
    private static let asciiText: StaticString = "searching for socket owners..."

    /// Runs the body. If that takes more than a second and standard error is a terminal, shows the
    /// message until the end. The process must have only one thread.
    static func during<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard Terminal.isTerminal(STDERR_FILENO) else { return try body() }
        let text = clinux_is_locale_utf8() ? text : asciiText
        // A literal is null-terminated and never freed.
        unsafe UnsafeRawPointer(text.utf8Start).withMemoryRebound(to: CChar.self, capacity: 1) {
            unsafe clinux_progress_begin($0, 1)
        }
        defer { clinux_progress_end() }
        return try body()
    }
}
