import Glibc
import Linux
import SystemPackage
import TCPModel

/// The one thread of a process that asks the kernel about kernel TLS.
///
/// Whoever waits for it gives it up when it does not get on. It then stays asleep in the kernel for
/// as long as some user likes. Until it comes back no other is started: a process has one at most.
package final class KernelTLSThread: Sendable {
    /// The one that all share.
    package static let shared = KernelTLSThread()

    typealias Answer = Result<KernelTLSConnections, OffloadProblem>

    /// What the thread is at.
    private struct Job {
        /// The process that it runs in: a child after `fork()` has no such thread.
        let processID: pid_t
        var rowCount = 0
        var answer: Answer?
        var isGivenUp = false

        /// Nobody waits for the answer of a thread that was given up.
        func ended(with answer: Answer) -> Job? {
            guard !isGivenUp else { return nil }
            var job = self
            job.answer = answer
            return job
        }
    }

    /// Nil while there is no thread.
    private let job = ConditionLock<Job?>(nil)

    /// How much longer an answer may take for each row that has come: a table of a million rows
    /// needs more than a second, and a user gains no more time than the rows that the user has.
    private static let allowancePerRow = Duration.microseconds(5)

    package init() {}

    /// Whether a thread was given up and has not come back.
    package var isStuck: Bool {
        job.update { $0?.isGivenUp == true }
    }

    /// Runs the closure on the thread, and waits for what it returns.
    ///
    /// - Parameters:
    ///   - timeout: How long that may take, besides what the rows allow.
    ///   - body: Tells the closure that it is given how many more rows have come.
    func run(
        _ timeout: Duration,
        _ body: @escaping @Sendable (_ report: (_ rowCount: Int) -> Void) -> Answer
    ) -> Answer {
        guard begin(until: .now + timeout) else { return .failure(.stuck) }
        do throws(Errno) {
            _ = try Thread { [job] in
                let answer = body { count in job.update { $0?.rowCount += count } }
                job.update { $0 = $0?.ended(with: answer) }
            }
        } catch {
            job.update { $0 = nil }
            return .failure(.threadMissing(error))
        }
        return answer(by: .now + timeout)
    }

    /// Waits for the thread of another caller. False when a thread is stuck, or others take too long.
    private func begin(until deadline: MonotonicTime) -> Bool {
        let processID = getpid()
        return job.wait(until: deadline) { job in
            if let job, job.processID == processID { return job.isGivenUp ? false : nil }
            job = Job(processID: processID)
            return true
        } ?? false
    }

    private func answer(by deadline: MonotonicTime) -> Answer {
        var rowCount = 0
        while let step = step(
            beyond: rowCount, until: deadline + Self.allowancePerRow * rowCount)
        {
            switch step {
            case .more(let count): rowCount = count
            case .ended(let answer):
                job.update { $0 = nil }
                return answer
            }
        }
        return giveUp()
    }

    private enum Step {
        case more(rowCount: Int)
        case ended(Answer)
    }

    private func step(beyond rowCount: Int, until deadline: MonotonicTime) -> Step? {
        job.wait(until: deadline) { job in
            if let answer = job?.answer { return .ended(answer) }
            guard let count = job?.rowCount, count > rowCount else { return nil }
            return .more(rowCount: count)
        }
    }

    /// The thread may have come to its end in the meantime.
    private func giveUp() -> Answer {
        job.update { job in
            guard let answer = job?.answer else {
                job?.isGivenUp = true
                return .failure(.stuck)
            }
            job = nil
            return answer
        }
    }
}
