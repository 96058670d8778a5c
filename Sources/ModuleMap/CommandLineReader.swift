import Linux
import Synchronization
import SystemPackage
import TCPModel

/// Reads command lines, and waits for none that does not come.
///
/// A command line is in its process' memory. Reading it takes the lock of that memory's map, which
/// another thread of the process can hold for as long as it waits for a file system that its user
/// answers for. (A page that is missing ends the read: `userfaultfd(2)` cannot hold it up.) So each is
/// read on a thread of its own, which is given up after a while. A user has one such thread at most:
/// while it waits, no other command line of that user is read.
final class CommandLineReader: Sendable {
    enum Answer: Equatable {
        case line([UInt8])
        case failure(FileError)
        /// It takes too long, or another of the same user does.
        case stuck
    }

    /// Bytes that are read of a command line. What patterns do grows with it.
    static let byteCountMax = 4096
    /// Threads that may be waiting at once, for whatever users.
    static let threadsMax = 16
    /// An answer takes microseconds.
    private static let timeout = Duration.milliseconds(50)

    private let details: any ProcessDetails
    /// Users for whom a thread is reading.
    private let busyUsers = Mutex<Set<UInt32>>([])

    init(_ details: any ProcessDetails) {
        self.details = details
    }

    /// Whether a thread was given up and has not come back.
    var isAnyStuck: Bool { busyUsers.withLock { !$0.isEmpty } }

    /// The arguments of a user's process with a space between them.
    ///
    /// - Parameter deadline: When to give up, if that is sooner than usual.
    func read(_ process: ProcessID, of user: UInt32, until deadline: MonotonicTime?) -> Answer {
        let isFree = busyUsers.withLock { users in
            users.count < Self.threadsMax && users.insert(user).inserted
        }
        guard isFree else { return .stuck }
        let answer = ConditionLock<Answer?>(nil)
        do throws(Errno) {
            _ = try Thread { [self] in
                let found = read(process)
                busyUsers.withLock { _ = $0.remove(user) }
                answer.update { $0 = found }
            }
        } catch {
            busyUsers.withLock { _ = $0.remove(user) }
            return .failure(FileError(.read, "/proc/\(process)/cmdline", error))
        }
        let soon = MonotonicTime.now + Self.timeout
        return answer.wait(until: deadline.map { min($0, soon) } ?? soon) { $0 } ?? .stuck
    }

    private func read(_ process: ProcessID) -> Answer {
        do throws(FileError) {
            let arguments = try details.commandLine(
                of: process, byteCountMax: Self.byteCountMax)
            let end = arguments.lastIndex { $0 != 0 } ?? -1
            return .line(arguments[...end].map { $0 == 0 ? UInt8(ascii: " ") : $0 })
        } catch {
            return .failure(error)
        }
    }
}
