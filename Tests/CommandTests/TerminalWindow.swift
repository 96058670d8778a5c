import Foundation
import TestSupport
import Testing

/// A terminal with a shell in it: a pane of a tmux of its own, which ends with this object.
final class TerminalWindow {
    let directory: TemporaryDirectory
    private let server: ChildProcess
    private let socket: String

    init(columns: Int, rows: Int, locale: String = "C.UTF-8") throws {
        directory = try TemporaryDirectory()
        socket = directory.path + "/socket"
        var environment = ProcessInfo.processInfo.environment
        for name in ["NO_COLOR", "TMUX", "LANG", "LC_CTYPE"] { environment[name] = nil }
        environment["LC_ALL"] = locale
        environment["TERM"] = "xterm-256color"
        server = try ChildProcess(
            "tmux", ["-D", "-S", socket, "-f", "/dev/null"], environment: environment)
        let deadline = ContinuousClock.now + .seconds(10)
        while try !startSession(columns, rows) {
            guard ContinuousClock.now < deadline else {
                throw Silence(what: "tmux did not start: \(server.standardError)")
            }
            usleep(20_000)
        }
        try type("PS1='$ '; ulimit -c 0; stty -a > '\(directory.path)/before'; clear")
        _ = try awaitFile("before")
        try awaitScreen { $0 == ["$"] }
    }

    deinit { _ = try? tmux("kill-server") }

    /// -N: a server of this client's making would have this process's environment.
    private func startSession(_ columns: Int, _ rows: Int) throws -> Bool {
        let shell = "bash --norc --noprofile"
        let result = try run(
            "tmux",
            ["-N", "-S", socket, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", shell])
        return result.status == .exited(0)
    }

    @discardableResult
    func tmux(_ arguments: String...) throws -> String {
        // -u: what it writes is UTF-8, whatever the locale of the tests.
        let result = try run("tmux", ["-u", "-S", socket] + arguments)
        return result.standardOutput
    }

    /// Types a line.
    func type(_ line: String) throws {
        try tmux("send-keys", "-l", line)
        try tmux("send-keys", "Enter")
    }

    func press(_ key: String) throws { try tmux("send-keys", key) }

    func resize(columns: Int, rows: Int) throws {
        try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// The screen's lines, without empty ones at the end.
    func lines(_ options: String...) throws -> [String] {
        let result = try run("tmux", ["-u", "-S", socket, "capture-pane", "-p"] + options)
        var lines = result.standardOutput.components(separatedBy: "\n")
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// Whether the alternate screen is shown, and whether a cursor is.
    func modes() throws -> String {
        try tmux("display-message", "-p", "#{alternate_on}#{cursor_flag}#{wrap_flag}")
            .trimmingCharacters(in: .newlines)
    }

    /// Waits until the screen's lines satisfy the condition.
    @discardableResult
    func awaitScreen(
        _ what: String = "the screen", _ isRight: ([String]) throws -> Bool
    ) throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            let lines = try lines()
            if try isRight(lines) { return lines }
            guard ContinuousClock.now < deadline else {
                throw Silence(what: "awaiting \(what), seeing:\n\(lines.joined(separator: "\n"))")
            }
            usleep(20_000)
        }
    }

    /// Waits for a file that the shell writes, and for its end.
    func awaitFile(_ name: String) throws -> String {
        let deadline = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < deadline {
            let text = try? String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)
            if let text, text.hasSuffix("\n") { return text }
            usleep(20_000)
        }
        throw Silence(what: "the shell wrote no \(name): \(try lines())")
    }

    /// Starts the command in the shell, and waits until it draws.
    ///
    /// - Returns: Its process number.
    func watch(_ arguments: String) throws -> Int32 {
        let script =
            #"echo \$\$ > "# + "\(directory.path)/pid; exec '\(lister)' --watch 0.2 \(arguments)"
        try type("bash -c \"\(script)\"")
        try awaitScreen("the first frame") { $0.first?.contains("STATE") == true }
        let processID = try awaitFile("pid").trimmingCharacters(in: .newlines)
        return try #require(Int32(processID))
    }

    /// Waits for the end of what draws, and gives its exit status.
    func awaitStatus() throws -> Int? {
        try awaitScreen("the shell") { $0.last?.hasSuffix("$") == true }
        try type("echo $? > '\(directory.path)/status'")
        return Int(try awaitFile("status").dropLast())
    }

    /// Whether the terminal's modes are those that it had at first.
    func hasFirstModes() throws -> Bool {
        let name = "after-\(UUID().uuidString)"
        try type("stty -a > '\(directory.path)/\(name)'")
        // The first line has the size.
        func modes(_ text: String) -> Substring { text.drop { $0 != "\n" } }
        return modes(try awaitFile(name)) == modes(try awaitFile("before"))
    }
}
