package import SystemPackage

/// A way to read the TCP table of the calling thread's network namespace, some rows at a time.
package protocol ConnectionSource: SendableMetatype {
    /// Reads on. The first call starts to read the table, and so does the first call after the table
    /// was complete or an error was thrown.
    ///
    /// - Parameter rows: Holds the next rows afterwards, and nothing of what it held before. It may come
    ///   back empty.
    mutating func next(_ rows: inout [TCPConnection]) throws(ConnectionSourceError) -> DumpStep

    /// Threads that were given up because the kernel does not answer them.
    var stuckThreadCount: Int { get }
}

extension ConnectionSource {
    package var stuckThreadCount: Int { 0 }

    /// Which of some sockets are in the table now; nil when it cannot be read.
    package mutating func openSockets(among sockets: Set<SocketInode>) -> Set<SocketInode>? {
        var open: Set<SocketInode> = []
        var rows: [TCPConnection] = []
        do {
            while true {
                if case .complete = try next(&rows) { return open }
                for row in rows {
                    if let inode = row.inode, sockets.contains(inode) { open.insert(inode) }
                }
            }
        } catch {
            return nil
        }
    }
}

/// What one step through a table gave.
package enum DumpStep: Equatable, Sendable {
    /// More rows.
    case rows
    /// The table is read again from its start: the rows given so far do not count.
    case restarted
    /// The table has been read to its end; this step gave no rows.
    case complete(DumpOutcome)
}

/// How a dump went that was read to its end.
package struct DumpOutcome: Equatable, Sendable {
    /// How many attempts the kernel flagged as interrupted (`NLM_F_DUMP_INTR`).
    package var interruptions: Int
    /// Whether the rows come from an interrupted attempt: rows may be missing or doubled.
    package var isInterrupted: Bool
    /// Why offload states are unknown; nil when they are known.
    package var offloadProblem: OffloadProblem?
    /// Why kernel TLS was asked for in another way than it could be; nil when it was not. What is not known
    /// then is which connections the device has handed back.
    package var offloadDetour: String?

    package init(
        interruptions: Int = 0, isInterrupted: Bool = false, offloadProblem: OffloadProblem? = nil
    ) {
        self.interruptions = interruptions
        self.isInterrupted = isInterrupted
        self.offloadProblem = offloadProblem
    }

    /// What could not be known, a sentence each.
    package var problems: [String] {
        var problems: [String] = []
        if isInterrupted {
            problems.append(
                "every dump of the TCP table was interrupted: sockets may be missing or counted twice"
            )
        }
        if let offloadProblem { problems.append(offloadProblem.description) }
        if let offloadDetour { problems.append(offloadDetour) }
        return problems
    }
}

/// Why it is unknown which connections have kernel TLS.
package enum OffloadProblem: Error, Equatable, CustomStringConvertible {
    /// Before Linux 6.15 netlink tells only processes with `CAP_NET_ADMIN`.
    case capabilityMissing
    /// The same, and without it BPF told of those that processes hold, which are not all.
    case heldByNoProcess
    /// The kernel does not answer while a program holds the lock of one of its sockets.
    case stuck
    /// The kernel was not asked: before Linux 6.9 a locked socket would block every other dump too.
    case blocking
    /// The system has no thread left to ask on.
    case threadMissing(Errno)
    /// The kernel was asked, and the answer could not be read.
    case unreadable(ConnectionSourceError)

    package var description: String {
        "offload states are unknown: " + cause
    }

    private var cause: String {
        switch self {
        case .capabilityMissing:
            "before Linux 6.15, CAP_BPF and CAP_PERFMON, or CAP_NET_ADMIN, are needed to see which "
                + "connections use kernel TLS"
        case .heldByNoProcess:
            "some connections with kernel TLS belong to no process; before Linux 6.15, CAP_NET_ADMIN is "
                + "needed to see which"
        case .stuck:
            "the kernel does not tell which connections use kernel TLS; some program keeps one of "
                + "its sockets locked"
        case .blocking:
            "before Linux 6.9, a program that keeps a socket locked would block every dump of the "
                + "TCP table (allow that with --collector.offload.allow-blocking)"
        case .threadMissing(let errno):
            "cannot start the thread that asks which connections use kernel TLS: \(errno)"
        case .unreadable(let error):
            "cannot read which connections use kernel TLS: \(error)"
        }
    }
}
