import Linux
import Synchronization
import SystemPackage
import TCPModel

/// Reads that their process' user can hold up, each on a thread of its own that is given up after a
/// while.
///
/// A user has one such thread at most: while it waits, nothing else of that user is read, and everybody
/// else goes without nothing.
final class BoundedReads: Sendable {
    typealias Outcome = Result<[UInt8], FileError>

    /// Threads that may wait at once, for whatever users.
    static let threadsMax = 16

    /// Users for whom a thread is reading.
    private let busyUsers = Mutex<Set<UInt32>>([])

    /// What the closure returns; nil where that takes too long, or another read of the same user does.
    func read(
        for user: UInt32, within timeMax: Duration, _ body: @escaping @Sendable () -> Outcome
    ) throws(Errno) -> Outcome? {
        let isFree = busyUsers.withLock { users in
            users.count < Self.threadsMax && users.insert(user).inserted
        }
        guard isFree else { return nil }
        let answer = ConditionLock<Outcome?>(nil)
        do throws(Errno) {
            _ = try Thread { [self] in
                let outcome = body()
                busyUsers.withLock { _ = $0.remove(user) }
                answer.update { $0 = outcome }
            }
        } catch {
            busyUsers.withLock { _ = $0.remove(user) }
            throw error
        }
        return answer.wait(until: .now + timeMax) { $0 }
    }
}
