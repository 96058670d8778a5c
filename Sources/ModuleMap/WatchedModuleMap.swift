package import Configuration
import Linux
import Synchronization
package import TCPModel

/// The file of `--collector.module.map`: read at the start, and again when it has changed. A file that
/// cannot be used changes nothing.
package final class WatchedModuleMap: ProcessNaming {
    private struct State {
        var map: ModuleMap
        var identity: FileIdentity?
        /// Whether the next scrape reads the file, changed or not.
        var mustRead = false
        /// Why the file's contents are not in use.
        var failure: ModuleMapError?
        /// What this scrape has left for rules; nil for any time.
        var timeLeft: Duration?
        /// Of this scrape.
        var problems: Set<String> = []
    }

    /// Problems of one scrape that are told.
    private static let problemsMax = 8

    private let path: String
    private let files: ConfigurationFiles
    private let details: any ProcessDetails
    private let timeMax: Duration?
    private let state: Mutex<State>

    /// Reads the file for the first time.
    ///
    /// - Parameters:
    ///   - details: What rules ask about processes.
    ///   - timeMax: How long rules may take in one scrape; a process that no time is left for is named by
    ///     the next scrape. Nil is as long as it takes.
    package init(
        path: String, files: ConfigurationFiles = .real, details: any ProcessDetails,
        timeMax: Duration? = nil
    ) throws(ModuleMapError) {
        self.path = path
        self.files = files
        self.details = details
        self.timeMax = timeMax
        // Before it is read, so that a later change is noticed.
        let identity = files.identify(path)
        state = Mutex(State(map: try Self.read(path, files), identity: identity))
    }

    package func beginScrape() -> Bool {
        let identity = files.identify(path)
        return state.withLock { state in
            state.timeLeft = timeMax
            state.problems = []
            guard identity != state.identity || state.mustRead else { return false }
            state.identity = identity
            state.mustRead = false
            do throws(ModuleMapError) {
                state.map = try Self.read(path, files)
                state.failure = nil
                return true
            } catch {
                state.failure = error
                return false
            }
        }
    }

    /// Has the next scrape read the file even if it has not changed: the users that its rules name may
    /// have.
    package func reload() {
        state.withLock { $0.mustRead = true }
    }

    package func name(of process: ProcessFacts) -> NamingOutcome {
        state.withLock { state in
            let start = MonotonicTime.now
            let deadline = state.timeLeft.map { start + $0 }
            var reader = FactReader(details, until: deadline)
            let outcome = Self.name(of: process, state.map, &reader)
            state.timeLeft = deadline.map { $0 - .now }
            if let problem = reader.problem, state.problems.count < Self.problemsMax {
                state.problems.insert(problem)
            }
            return outcome
        }
    }

    package var problems: [String] {
        state.withLock { state in
            let failure = state.failure.map { "\($0); the previous rules stay in use" }
            return [failure].compactMap(\.self) + state.problems.sorted()
        }
    }

    package var isCurrent: Bool { state.withLock { $0.failure == nil } }

    /// If it is unknown whether a rule matches, no later rule counts: that would be a guess.
    private static func name(
        of process: ProcessFacts, _ map: ModuleMap, _ reader: inout FactReader
    ) -> NamingOutcome {
        for rule in map.rules {
            guard !reader.isLate() else { return .unknown }
            switch rule.outcome(of: process, &reader) {
            case .match(let name): return .named(name)
            case .unknown: return .unknown
            case .noMatch: continue
            }
        }
        return .unnamed
    }

    private static func read(
        _ path: String, _ files: ConfigurationFiles
    ) throws(ModuleMapError) -> ModuleMap {
        let bytes: [UInt8]
        do throws(FileRefusal) {
            bytes = try files.read(path)
        } catch {
            throw ModuleMapError(path: path, ConfigurationProblem(error.explanation))
        }
        do throws(ConfigurationProblem) {
            return try ModuleMap(parsing: bytes, users: UserNames.userID)
        } catch {
            throw ModuleMapError(path: path, error)
        }
    }
}

/// Why a module map cannot be used: which file, where in it, and the cause.
package struct ModuleMapError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    package let path: String
    package let problem: ConfigurationProblem

    init(path: String, _ problem: ConfigurationProblem) {
        self.path = path
        self.problem = problem
    }

    package var description: String { problem.message("the module map \(path)") }
}
