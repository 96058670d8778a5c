import Foundation

/// How a program ended, and what it cost.
package struct ProcessResult: Sendable {
    /// How a program can end.
    package enum Status: Equatable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    package let status: Status
    package let standardOutput: String
    package let standardError: String

    /// The most memory that the program, or a child that it waited for, had at once; `ru_maxrss` of
    /// `man 2 getrusage`.
    package let peakResidentBytes: Int
    package let userSeconds: Double
    package let systemSeconds: Double

    init(_ report: Report, _ standardOutput: String, _ standardError: String) {
        // man 2 wait: the low seven bits are the signal, the next byte the exit code.
        let signal = Int32(report.value & 0x7f)
        status = signal == 0 ? .exited(Int32(report.value >> 8 & 0xff)) : .signalled(signal)
        self.standardOutput = standardOutput
        self.standardError = standardError
        peakResidentBytes = Int(report.peakResidentBytes)
        userSeconds = Double(report.userMicroseconds) / 1e6
        systemSeconds = Double(report.systemMicroseconds) / 1e6
    }
}

/// Runs a program to its end, in the calling thread's network namespace.
///
/// Throws if it cannot be started, or runs for longer than the timeout; it is killed then.
package func run(
    _ executable: String, _ arguments: [String] = [], input: String = "",
    environment: [String: String] = ProcessInfo.processInfo.environment,
    timeout: Duration = .seconds(30)
) throws -> ProcessResult {
    let child = try ChildProcess(
        executable, arguments, input: input, environment: environment)
    return try child.wait(within: timeout)
}
