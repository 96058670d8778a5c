import Dispatch
package import Testing

/// Runs a suite's tests one at a time on a thread of their own. The pool that runs all others has a
/// thread for each processor and takes tests in the order of their arrival: there, each test of a
/// serialized suite waits behind all others, and one that waits for a process keeps a processor
/// idle.
package struct OwnThreadTrait: SuiteTrait, TestScoping {
    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(QueueExecutor(label: test.name)) {
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

extension Trait where Self == OwnThreadTrait {
    /// For suites whose tests wait more than they compute.
    package static var ownThread: Self { OwnThreadTrait() }
}
