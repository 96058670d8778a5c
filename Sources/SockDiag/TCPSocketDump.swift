package import TCPModel

/// Dumps the kernel's TCP sockets of one network namespace, a datagram at a time.
///
/// A dump is no snapshot: while it runs, a socket may be missed or seen twice. When the kernel flags a
/// dump as interrupted (`NLM_F_DUMP_INTR`), or messages were lost, the dump is repeated, a bounded
/// number of times. A dump that was interrupted in its last attempt too is complete, and its outcome
/// says so; one that lost messages is an error, because rows are then surely missing.
package struct TCPSocketDump: ConnectionSource {
    /// How often one dump is tried. Interruptions are rare (mainline TCP never reports one), and each
    /// attempt costs the whole table.
    package static let attemptsMax = 3

    /// What is asked of which sockets. Whoever holds a socket's lock makes upper-layer protocols wait:
    /// only `KernelTLSDump` asks for them.
    var subject = InetDiagRequest.Subject.everySocket
    /// What the rows of the last dump told besides themselves.
    private(set) var evidence = InetDiagWalk.Evidence()

    private let scope: InetDiagRequest.Scope
    private let openTransport: () throws(ConnectionSourceError) -> NetlinkTransport
    private var buffer = [UInt8](repeating: 0, count: InetDiagWalk.bufferByteCount)
    private var sequence: UInt32 = 0
    /// False once the kernel has refused the single walk and served two.
    private var walksOnce = true
    /// The dump in progress; nil before its first step.
    private var progress: Progress?

    private struct Progress {
        var walk: InetDiagWalk
        /// The walks of this attempt that have not started.
        var remaining: [InetDiagRequest.Scope]
        /// Whether this is the single walk for both families, which may be refused.
        var isSingle: Bool
        /// How the walk ended, once its last rows are given.
        var walkEnd: InetDiagWalk.End?
        var end = InetDiagWalk.End.complete
        var attempt = 1
        var interruptions = 0
    }

    /// - Parameters:
    ///   - scope: Which sockets are read.
    ///   - openTransport: Opens a socket for one walk, in the calling thread's namespace.
    package init(
        scope: InetDiagRequest.Scope = .everyFamily,
        openTransport: @escaping () throws(ConnectionSourceError) -> NetlinkTransport =
            NetlinkTransport.kernel
    ) {
        self.scope = scope
        self.openTransport = openTransport
    }

    package mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        rows.removeAll(keepingCapacity: true)
        do throws(ConnectionSourceError) {
            return try step(&rows)
        } catch {
            progress = nil
            throw error
        }
    }
}

// MARK: - Listeners

extension TCPSocketDump: ListenerSource {
    /// A dump of its own, between two of the table.
    package mutating func listeners() throws(ConnectionSourceError) -> [ListeningSocket] {
        var dump = self
        buffer = []  // The other dump has the only reference to it meanwhile.
        dump.subject = .listeners
        dump.progress = nil
        defer {
            buffer = dump.buffer
            sequence = dump.sequence
            walksOnce = dump.walksOnce
        }
        return try dump.readListeners()
    }

    private mutating func readListeners() throws(ConnectionSourceError) -> [ListeningSocket] {
        var listeners: [ListeningSocket] = []
        var rows: [TCPConnection] = []
        while true {
            switch try next(&rows) {
            case .rows:
                for row in rows where row.isListener {
                    listeners.append(
                        ListeningSocket(row, droppedCount: evidence.droppedCounts[row.cookie]))
                }
            case .restarted: listeners.removeAll(keepingCapacity: true)
            case .complete: return listeners
            }
        }
    }
}

// MARK: - Steps

extension TCPSocketDump {
    private mutating func step(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        guard progress != nil else {
            evidence = InetDiagWalk.Evidence()
            progress = try attempt(1, interruptions: 0)
            return .rows
        }
        do throws(ConnectionSourceError) {
            if let end = progress?.walkEnd { return try finishWalk(end) }
            let end = try progress?.walk.next(&buffer, &rows, &evidence)
            progress?.walkEnd = end
            return .rows
        } catch {
            guard progress?.isSingle == true, error.isRefusal else { throw error }
            rows.removeAll(keepingCapacity: true)
            try startFamilies()
            return .restarted
        }
    }

    /// The first walk of an attempt.
    private mutating func attempt(
        _ number: Int, interruptions: Int
    ) throws(ConnectionSourceError) -> Progress {
        let isSingle = scope == .everyFamily && walksOnce
        let scopes: [InetDiagRequest.Scope] =
            scope == .everyFamily && !walksOnce ? [.ipv4, .ipv6] : [scope]
        return Progress(
            walk: try walk(scopes[0]), remaining: Array(scopes.dropFirst()), isSingle: isSingle,
            attempt: number, interruptions: interruptions)
    }

    /// Replaces the refused single walk by one for each family.
    private mutating func startFamilies() throws(ConnectionSourceError) {
        let walk = try walk(.ipv4)
        progress?.walk = walk
        progress?.remaining = [.ipv6]
        progress?.isSingle = false
    }

    private mutating func walk(
        _ scope: InetDiagRequest.Scope
    ) throws(ConnectionSourceError) -> InetDiagWalk {
        sequence &+= 1
        let request = InetDiagRequest(scope: scope, sequence: sequence, subject: subject)
        return InetDiagWalk(try openTransport(), request)
    }

    private mutating func finishWalk(
        _ end: InetDiagWalk.End
    ) throws(ConnectionSourceError) -> DumpStep {
        guard var finished = progress else { return .rows }
        finished.end = max(finished.end, end)
        if let scope = finished.remaining.first {
            finished.walk = try walk(scope)
            finished.walkEnd = nil
            finished.remaining.removeFirst()
            progress = finished
            return .rows
        }
        if scope == .everyFamily { walksOnce = finished.isSingle }
        return try finishAttempt(finished)
    }

    private mutating func finishAttempt(
        _ finished: Progress
    ) throws(ConnectionSourceError) -> DumpStep {
        let isInterrupted = finished.end == .interrupted
        let interruptions = finished.interruptions + (isInterrupted ? 1 : 0)
        if finished.end != .complete, finished.attempt < Self.attemptsMax {
            progress = try attempt(finished.attempt + 1, interruptions: interruptions)
            return .restarted
        }
        if finished.end == .overrun { throw .overrun(attempts: Self.attemptsMax) }
        progress = nil
        return .complete(
            DumpOutcome(interruptions: interruptions, isInterrupted: isInterrupted))
    }
}

extension ConnectionSourceError {
    /// Whether the kernel understood the message and would not serve the request.
    fileprivate var isRefusal: Bool {
        switch self {
        case .refused, .unavailable: true
        default: false
        }
    }
}
