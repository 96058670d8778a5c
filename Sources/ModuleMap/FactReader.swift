import Linux
import Patterns
import SystemPackage
import TCPModel

/// What rules ask about one process, read when the first of them asks, within a scrape's time.
struct FactReader {
    /// Bytes that are read of a command line. What patterns do grows with it.
    static let byteCountMax = 4096
    /// An answer takes microseconds.
    private static let timeMax = Duration.milliseconds(50)

    private let details: any ProcessDetails
    /// When the scrape has no time left for rules; nil for never.
    private let deadline: MonotonicTime?
    private var user: UInt32??
    private var line: [UInt8]??
    /// Why something is unknown, a sentence.
    private(set) var problem: String?

    init(
        _ details: any ProcessDetails, until deadline: MonotonicTime?
    ) {
        self.details = details
        self.deadline = deadline
    }

    /// Whether there is no time for another rule.
    mutating func isLate() -> Bool {
        guard let deadline, MonotonicTime.now >= deadline else { return false }
        problem = "--collector.module.map took too long: some processes are not mapped yet"
        return true
    }

    mutating func userID(of process: ProcessID) -> UInt32? {
        if let user { return user }
        var found: UInt32?
        do throws(FileError) { found = try details.userID(of: process) } catch { note(error) }
        user = .some(found)
        return found
    }

    /// The arguments with a space between them, as `ps` shows them; nil when they cannot be read.
    mutating func commandLine(of process: ProcessID) -> [UInt8]? {
        if let line { return line }
        var found: [UInt8]?
        do throws(FileError) {
            let arguments = try details.commandLine(
                of: process, byteCountMax: Self.byteCountMax, within: timeLeft)
            let end = arguments.lastIndex { $0 != 0 } ?? -1
            found = arguments[...end].map { $0 == 0 ? UInt8(ascii: " ") : $0 }
        } catch {
            note(error)
        }
        line = .some(found)
        return found
    }

    /// How long a command line may take.
    private var timeLeft: Duration {
        guard let deadline else { return Self.timeMax }
        return min(Self.timeMax, deadline - .now)
    }

    /// What a pattern's outcome is to its rule, if it is no match.
    mutating func note(_ outcome: Pattern.Outcome) -> ModuleRule.Outcome {
        guard outcome == .tooCostly else { return .noMatch }
        problem = """
            a rule of --collector.module.map is too costly for some process, and does not apply to it
            """
        return .noMatch
    }

    /// A process that is gone is no problem.
    private mutating func note(_ error: FileError) {
        if error.cause == .errno(.timedOut) {
            problem = """
                some command lines cannot be read in time: rules of --collector.module.map that need \
                them do not apply to these processes
                """
        } else if !error.isGone {
            problem = "cannot apply --collector.module.map: \(error)"
        }
    }
}
