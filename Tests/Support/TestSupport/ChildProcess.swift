import CTestSupport
import Foundation
import SystemPackage

/// A program that runs in the network namespace of the thread that started it, and that dies with
/// this object or with the tests, even if they crash.
///
/// It runs under the program `testrun`, which measures it. Output goes to files in
/// memory: a program never waits for the tests to read.
package final class ChildProcess {
    package let processID: Int32
    private let name: String
    private var input: FileDescriptor?
    private let output: FileDescriptor
    private let errors: FileDescriptor
    private let reports: FileDescriptor
    private var lifeline: FileDescriptor?
    private let launcher: pid_t
    private var result: ProcessResult?

    /// Starts a program: a path, or a name to be found in `PATH`. Standard input is the bytes of
    /// `input`, or, where it is nil, a pipe that stays open until ``endInput()``.
    package init(
        _ executable: String, _ arguments: [String] = [], input: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        var files = DescriptorSet()
        do {
            name = executable
            let standardInput = try files.inputEnds(input)
            let reportEnds = try files.pipe()
            let lifelineEnds = try files.pipe()
            output = try files.memoryFile()
            errors = try files.memoryFile()
            self.input = standardInput.write
            reports = reportEnds.read
            lifeline = lifelineEnds.write
            launcher = try spawn(
                try testProgram("testrun"), [executable] + arguments, environment,
                [standardInput.read, output, errors, reportEnds.write, lifelineEnds.read])
            for end in [standardInput.read, reportEnds.write, lifelineEnds.read] {
                files.close(end)
            }
            processID = try started(executable, reports, launcher)
        } catch {
            files.closeAll()
            throw error
        }
    }

    deinit {
        if result == nil {
            endLifeline()
            _ = try? wait(within: .seconds(10))
        }
        for descriptor in [input, output, errors, reports] { try? descriptor?.close() }
    }

    /// What the program has written to standard output so far.
    package var standardOutput: String { contents(of: output) }

    /// What the program has written to standard error so far.
    package var standardError: String { contents(of: errors) }

    /// Ends the program's standard input.
    package func endInput() {
        try? input?.close()
        input = nil
    }

    /// Sends a signal, unless the program has been waited for.
    package func send(_ signal: Int32) {
        if result == nil { kill(processID, signal) }
    }

    /// Waits until the program has written the text to standard output.
    package func awaitOutput(_ text: String, within limit: Duration = .seconds(10)) throws {
        let deadline = ContinuousClock.now + limit
        while !standardOutput.contains(text) {
            if ContinuousClock.now > deadline || hasReport(within: .milliseconds(2)) {
                // It may have written the text at its very end.
                if standardOutput.contains(text) { return }
                throw SupportError(
                    what: "awaiting “\(text)” of \(name), which said: \(standardError)",
                    cause: .timedOut)
            }
        }
    }

    /// Waits for the program to end. After the limit it is killed and the wait throws.
    package func wait(within limit: Duration = .seconds(10)) throws -> ProcessResult {
        if let result { return result }
        let isInTime = hasReport(within: limit)
        endLifeline()
        let report = try Report(from: reports)
        waitpid(launcher, nil, 0)
        let ended = ProcessResult(report, standardOutput, standardError)
        result = ended
        if isInTime { return ended }
        throw SupportError(
            what: "\(name) ran for more than \(limit), and was killed", cause: .timedOut)
    }

    private func endLifeline() {
        try? lifeline?.close()
        lifeline = nil
    }

    private func hasReport(within limit: Duration) -> Bool {
        let milliseconds = Int32(limit / .milliseconds(1))
        var watched = pollfd(fd: reports.rawValue, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&watched, 1, milliseconds) != 0
    }
}
