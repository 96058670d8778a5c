import Foundation
import SystemPackage

extension TCPSocket {
    /// Closes the socket, and returns when the kernel has no descriptor for it any more. Another
    /// thread may be about to start a process: until that runs its program it has a copy of every
    /// descriptor, and a listener goes on listening.
    func closeForGood(within limit: Duration = .seconds(5)) throws {
        let inode = try inode(of: descriptor)
        close()
        let deadline = ContinuousClock.now + limit
        while socketInodes().contains(inode) {
            guard ContinuousClock.now < deadline else {
                throw SupportError(what: "awaiting the end of socket \(inode)", cause: .timedOut)
            }
            usleep(1000)
        }
    }
}

/// The inodes in `/proc/net/tcp` and `tcp6` of the calling thread's network namespace
/// (`man 5 proc_pid_net`): the tenth field of each row.
private func socketInodes() -> Set<UInt64> {
    var inodes: Set<UInt64> = []
    for name in ["tcp", "tcp6"] {
        let path = "/proc/thread-self/net/\(name)"
        // Without IPv6 there is no tcp6.
        let table = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        for row in table.split(separator: "\n").dropFirst() {
            let fields = row.split(separator: " ")
            if fields.count > 9, let inode = UInt64(fields[9]) { inodes.insert(inode) }
        }
    }
    return inodes
}
