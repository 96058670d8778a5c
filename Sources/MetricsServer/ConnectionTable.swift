import Linux

/// The open connections by whose turn it is, and which of them has to go: what a `ConnectionLedger` keeps
/// under its lock.
///
/// A connection is known by its descriptor, which is its alone as long as it is open. Each step takes
/// the same time however many connections there are.
struct ConnectionTable {
    /// What a connection is waiting for.
    enum Phase {
        /// Not open, or on its way out.
        case absent
        /// For a request to be complete, whether any of it has come or not. That a body is missing is
        /// nothing that one would wait for: nobody here has a use for one.
        case idle
        /// For the client to take its answer.
        case lagging
        /// For our own answer.
        case handling
    }

    /// Why a connection ended.
    enum Cause: Int, CaseIterable {
        /// Too many of its client's were open when it came.
        case clientLimit
        /// All were taken when it came, and none of them could be given up.
        case connectionLimit
        /// The longest idle, given up for a new one.
        case evicted
        /// Its client took too long to send a request or to take an answer.
        case requestTimeout
        /// All else: an end by the client, the idle timeout, an error of the protocol.
        case other
    }

    /// A connection that must be shut down.
    struct Condemned: Equatable {
        let descriptor: CInt
        /// Whether bytes are under way that its client does not take.
        let isLagging: Bool
    }

    private struct Slot {
        var phase = Phase.absent
        var since = MonotonicTime(nanoseconds: 0)
        var client: ClientAddress?
    }

    /// Connections that are open and not condemned.
    private(set) var openCount = 0
    /// Connections that have ended or were condemned, by `Cause`.
    private(set) var endedCounts = [UInt64](repeating: 0, count: Cause.allCases.count)

    private let limits: ConnectionLimits
    private var slots: [Slot] = []
    private var links: [ConnectionQueue.Links] = []
    private var idle = ConnectionQueue()
    private var lagging = ConnectionQueue()
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
    ) -> Condemned? {
        let index = Int(descriptor)
        if index >= slots.count { grow(to: index + 1) }
        // Whatever had this number is gone, though nobody has said so.
        if slots[index].phase != .absent { end(index, .other) }
        openCount += 1
        slots[index].client = client
        enter(index, .idle, now)
        guard let client else { return makeRoom(for: index, now) }
        clients[client, default: 0] += 1
        if limits.perClientMax > 0, clients[client, default: 0] > limits.perClientMax {
            return condemn(index, .clientLimit)
        }
        return makeRoom(for: index, now)
    }

    /// A connection waits for something else now. Nothing happens to one that is condemned.
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

    /// Takes those out whose clients have had their time.
    mutating func expire(at now: MonotonicTime) -> [Condemned] {
        var condemned: [Condemned] = []
        while let index = idle.first, let due = idleDue, due <= now {
            condemned.append(condemn(index, .requestTimeout))
        }
        while let index = lagging.first, let due = laggingDue, due <= now {
            condemned.append(condemn(index, .requestTimeout))
        }
        return condemned
    }

    /// When the next one can expire, whatever is opened or moved meanwhile; nil is never.
    func nextDue(at now: MonotonicTime) -> MonotonicTime? {
        let ofOneToCome = limits.laggingMax.map { now + $0 }
        return [idleDue, laggingDue, ofOneToCome].compactMap { $0 }.min()
    }
}

// MARK: - Who has to go

extension ConnectionTable {
    private var idleDue: MonotonicTime? {
        guard let first = idle.first, let max = limits.idleMax else { return nil }
        return slots[first].since + max
    }

    private var laggingDue: MonotonicTime? {
        guard let first = lagging.first, let max = limits.laggingMax else { return nil }
        return slots[first].since + max
    }

    /// Someone who waits for a request is better given up than someone who is in the middle of one,
    /// and the newest is least likely to be at fault: it has had no time yet.
    private mutating func makeRoom(for newest: Int, _ now: MonotonicTime) -> Condemned? {
        guard openCount > limits.openMax else { return nil }
        if let first = idle.first, first != newest { return condemn(first, .evicted) }
        if let first = lagging.first,
            slots[first].since + ConnectionLimits.prompt <= now
        {
            return condemn(first, .evicted)
        }
        return condemn(newest, .connectionLimit)
    }

    private mutating func condemn(_ index: Int, _ cause: Cause) -> Condemned {
        let isLagging = slots[index].phase == .lagging
        end(index, cause)
        return Condemned(descriptor: CInt(index), isLagging: isLagging)
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
        case .idle: idle.append(index, &links)
        case .lagging: lagging.append(index, &links)
        case .handling, .absent: break
        }
    }

    private mutating func leave(_ index: Int) {
        switch slots[index].phase {
        case .idle: idle.remove(index, &links)
        case .lagging: lagging.remove(index, &links)
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
