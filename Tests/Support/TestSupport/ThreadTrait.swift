import Dispatch
package import Testing

/// A thread that runs the tests of some suites, one at a time.
package enum TestThread: String, CaseIterable, Sendable {
    /// Those that start a command and wait for it.
    case commands
    /// Those that load the machine, or measure what is loaded, for longer than a moment.
    case load
    /// Those of a server that is watched second by second.
    case server

    fileprivate static let executors = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, QueueExecutor(label: $0.rawValue)) })
}

/// Runs a suite's tests on a thread that is not of the pool. The pool has a thread for each processor and
/// takes tests in the order of their arrival: there, each test of a serialized suite waits behind all
/// others, and one that waits for a process keeps a processor idle.
package struct ThreadTrait: SuiteTrait, TestScoping {
    fileprivate let thread: TestThread

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(TestThread.executors[thread]) {
            try await function()
        }
    }
}

/// Runs jobs on a dispatch queue, one at a time.
private final class QueueExecutor: TaskExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension Trait where Self == ThreadTrait {
    /// For suites whose tests wait more than they compute.
    package static func thread(_ thread: TestThread) -> Self { Self(thread: thread) }
}

extension Trait where Self == TimeLimitTrait {
    /// Ends a test that hangs. Long, as the time counts in which it waits for a thread of the pool.
    package static var mustEnd: Self { .timeLimit(.minutes(10)) }
}
