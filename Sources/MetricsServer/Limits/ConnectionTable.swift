import Linux

/// The open connections by their phase, and which of them has to go: what a `ConnectionTracker` keeps
/// under its lock.
///
/// A connection is known by its descriptor, which no other has as long as it is open. Each step takes
/// the same time however many connections there are.
struct ConnectionTable {
    /// What a connection is waiting for.
    enum Phase {
        /// Not open, or being closed.
        case absent
        /// For a request to be complete, whether any of it has come or not; its body included.
        case reading
        /// For the handler's response.
        case handling
        /// For the client to take the response.
        case writing
    }

    /// Why a connection ended.
    enum Cause: Int, CaseIterable {
        /// Too many of its client's were open when it came.
        case clientLimit
        /// All were taken when it came, and none of them could be closed.
        case connectionLimit
        /// Closed for a new one, since it had waited longest.
        case evicted
        /// Its client took too long to send a request or to take a response.
        case requestTimeout
        /// All else: an end by the client, the idle timeout, an error of the protocol.
        case other
    }

    /// A connection that must be shut down.
    struct ConnectionToClose: Equatable {
        let descriptor: CInt
        /// Whether its client has not taken all of a response.
        let isWriting: Bool
    }

    private struct Slot {
        var phase = Phase.absent
        var since = MonotonicTime(nanoseconds: 0)
        var client: ClientAddress?
    }

    /// Connections that are open and not being closed.
    private(set) var openCount = 0
    /// Connections that have ended or are being closed, by `Cause`.
    private(set) var endedCounts = [UInt64](repeating: 0, count: Cause.allCases.count)

    private let limits: ConnectionLimits
    private var slots: [Slot] = []
    private var links: [ConnectionQueue.Links] = []
    private var reading = ConnectionQueue()
    private var writing = ConnectionQueue()
    private var clients: [ClientAddress: Int] = [:]

    init(_ limits: ConnectionLimits) {
        self.limits = limits
    }
}

// MARK: - A connection's life

extension ConnectionTable {
    /// A connection has been accepted.
    ///
    /// - Returns: Which connection must go for it: another one, itself, or none.
    mutating func open(
        _ descriptor: CInt, from client: ClientAddress?, at now: MonotonicTime
    ) -> ConnectionToClose? {
        let index = Int(descriptor)
        if index >= slots.count { grow(to: index + 1) }
        // The connection that had this number is gone, though its end was not reported.
        if slots[index].phase != .absent { end(index, .other) }
        openCount += 1
        slots[index].client = client
        enter(index, .reading, now)
        guard let client else { return makeRoom(for: index, now) }
        clients[client, default: 0] += 1
        if limits.perClientMax > 0, clients[client, default: 0] > limits.perClientMax {
            return shutDown(index, .clientLimit)
        }
        return makeRoom(for: index, now)
    }

    /// A connection is in another phase now. Nothing happens to one that is being closed.
    mutating func move(_ descriptor: CInt, to phase: Phase, at now: MonotonicTime) {
        let index = Int(descriptor)
        guard slots[index].phase != .absent else { return }
        leave(index)
        enter(index, phase, now)
    }

    /// A connection is about to be closed.
    mutating func close(_ descriptor: CInt) {
        let index = Int(descriptor)
        if slots[index].phase != .absent { end(index, .other) }
    }

    /// Removes those whose clients have had their time.
    mutating func expire(at now: MonotonicTime) -> [ConnectionToClose] {
        var closing: [ConnectionToClose] = []
        while let index = reading.first, let due = readingDue, due <= now {
            closing.append(shutDown(index, .requestTimeout))
        }
        while let index = writing.first, let due = writingDue, due <= now {
            closing.append(shutDown(index, .requestTimeout))
        }
        return closing
    }

    /// When the next one can expire, whatever is opened or moved meanwhile; nil is never.
    func nextDue(at now: MonotonicTime) -> MonotonicTime? {
        let ofOneToCome = limits.writingMax.map { now + $0 }
        return [readingDue, writingDue, ofOneToCome].compactMap { $0 }.min()
    }
}

// MARK: - Who has to go

extension ConnectionTable {
    private var readingDue: MonotonicTime? {
        guard let first = reading.first, let max = limits.readingMax else { return nil }
        return slots[first].since + max
    }

    private var writingDue: MonotonicTime? {
        guard let first = writing.first, let max = limits.writingMax else { return nil }
        return slots[first].since + max
    }

    /// One that waits for a request goes before one in the middle of a response; the newest goes last, for
    /// it has had no time yet.
    private mutating func makeRoom(for newest: Int, _ now: MonotonicTime) -> ConnectionToClose? {
        guard openCount > limits.openMax else { return nil }
        if let first = reading.first, first != newest { return shutDown(first, .evicted) }
        if let first = writing.first,
            slots[first].since + ConnectionLimits.slowWriting <= now
        {
            return shutDown(first, .evicted)
        }
        return shutDown(newest, .connectionLimit)
    }

    private mutating func shutDown(_ index: Int, _ cause: Cause) -> ConnectionToClose {
        let isWriting = slots[index].phase == .writing
        end(index, cause)
        return ConnectionToClose(descriptor: CInt(index), isWriting: isWriting)
    }

    private mutating func end(_ index: Int, _ cause: Cause) {
        leave(index)
        openCount -= 1
        endedCounts[cause.rawValue] += 1
        guard let client = slots[index].client else { return }
        slots[index].client = nil
        let rest = clients[client, default: 0] - 1
        clients[client] = rest > 0 ? rest : nil
    }

    private mutating func enter(_ index: Int, _ phase: Phase, _ now: MonotonicTime) {
        slots[index].phase = phase
        slots[index].since = now
        switch phase {
        case .reading: reading.append(index, &links)
        case .writing: writing.append(index, &links)
        case .handling, .absent: break
        }
    }

    private mutating func leave(_ index: Int) {
        switch slots[index].phase {
        case .reading: reading.remove(index, &links)
        case .writing: writing.remove(index, &links)
        case .handling, .absent: break
        }
        slots[index].phase = .absent
    }

    /// Descriptors are small and dense; their number has a limit of its own (`RLIMIT_NOFILE`).
    private mutating func grow(to count: Int) {
        let more = max(count, slots.count * 2) - slots.count
        slots += Array(repeating: Slot(), count: more)
        links += Array(repeating: ConnectionQueue.Links(), count: more)
    }
}
