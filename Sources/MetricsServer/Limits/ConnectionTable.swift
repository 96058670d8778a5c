import Linux

/// The open connections by their phase, and which of them has to go: what a `ConnectionTracker` keeps
/// under its lock.
///
/// A connection is known by its descriptor, which no other has until it is closed. Each step takes
/// the same time however many connections there are.
struct ConnectionTable {
    /// What a connection is waiting for.
    enum Phase {
        /// Not there.
        case absent
        /// Accepted, and not taken up by libmicrohttpd yet.
        case accepted
        /// For a request to be complete, whether any of it has come or not; its body included.
        case reading
        /// For the handler's response.
        case handling
        /// For the client to take the response.
        case writing
        /// Shut down, and not closed by libmicrohttpd yet.
        case closing
    }

    /// Why a connection ended.
    enum Cause: Int, CaseIterable {
        /// Its client had too many: the one that waited longest for a request, or else the newest.
        case clientLimit
        /// All were taken when it came, and none of them could be closed.
        case connectionLimit
        /// Closed for another, since it had waited longest.
        case evicted
        /// Its client took too long to send a request or to take a response.
        case requestTimeout
        /// All else: an end by the client, the idle timeout, an error of the protocol.
        case other
    }

    /// A connection that must be shut down.
    struct ConnectionToClose: Equatable {
        let descriptor: CInt
        /// Whether its client has been promised a response, and has not taken all of it.
        let awaitsResponse: Bool
    }

    private struct Slot {
        var phase = Phase.absent
        /// When it came to the phase; of no meaning before it is served.
        var since = MonotonicTime(nanoseconds: 0)
        var client: ClientAddress?
        /// What is being written.
        var body: ResponseBody?
    }

    /// The connections of one client, by what they wait for.
    private struct Client {
        var count = 0
        var reading = ConnectionQueue()
        var handling = ConnectionQueue()
        var writing = ConnectionQueue()

        /// The one that has been in the middle of a request longest, one that is writing first.
        var busy: Int? { writing.first ?? handling.first }
    }

    /// Connections that libmicrohttpd serves, those that are closing left out.
    private(set) var openCount = 0
    /// Connections in any phase.
    private(set) var presentCount = 0
    /// Connections that are accepted and not served yet.
    private var acceptedCount = 0
    /// Connections that have ended or are closing, by `Cause`.
    private(set) var endedCounts = [UInt64](repeating: 0, count: Cause.allCases.count)

    private let limits: ConnectionLimits
    private var slots: [Slot] = []
    private var links: [ConnectionQueue.Links] = []
    private var clientLinks: [ConnectionQueue.Links] = []
    private var reading = ConnectionQueue()
    private var writing = ConnectionQueue()
    private var clients: [ClientAddress: Client] = [:]
    private var bodies = ResponseBodies()

    init(_ limits: ConnectionLimits) {
        self.limits = limits
    }

    /// Whether another connection may be accepted. This bounds descriptors.
    var hasRoom: Bool { presentCount < limits.presentMax }

    /// Whether libmicrohttpd's threads are as far as that. Others wait in the kernel's queue, which is
    /// cheaper.
    var isUpToDate: Bool { acceptedCount < limits.acceptedMax }

    /// Bytes of the responses that are being written, each counted once.
    var responseByteCount: Int { bodies.byteCount }
}

// MARK: - A connection's life

extension ConnectionTable {
    /// A connection has been accepted.
    mutating func accept(_ descriptor: CInt, from client: ClientAddress?) {
        let index = Int(descriptor)
        if index >= slots.count { grow(to: index + 1) }
        // The connection that had this number is gone, though its end was not reported.
        if slots[index].phase != .absent { close(descriptor) }
        slots[index] = Slot(phase: .accepted, client: client)
        acceptedCount += 1
        presentCount += 1
    }

    /// libmicrohttpd serves a connection from now on.
    ///
    /// - Returns: Which connection must go for it: another one, itself, or none.
    mutating func start(_ descriptor: CInt, at now: MonotonicTime) -> ConnectionToClose? {
        let index = Int(descriptor)
        let place = place(for: slots[index].client, now)
        acceptedCount -= 1
        openCount += 1
        if let client = slots[index].client { clients[client, default: Client()].count += 1 }
        enter(index, .reading, now)
        switch place {
        case .free: return nil
        case .of(let other, let cause): return shutDown(other, cause)
        case .none(let cause): return shutDown(index, cause)
        }
    }

    /// A connection waits for a request, or for a response, from now on. Nothing happens to one that is
    /// closing.
    mutating func move(_ descriptor: CInt, to phase: Phase, at now: MonotonicTime) {
        let index = Int(descriptor)
        guard isOpen(index) else { return }
        leave(index)
        enter(index, phase, now)
    }

    /// A connection is given its response, which its client has to take.
    ///
    /// - Returns: The connections that have been writing longest, as many as it takes to keep the limit on
    ///   bytes; never this one.
    mutating func write(
        _ descriptor: CInt, _ body: ResponseBody, at now: MonotonicTime
    ) -> [ConnectionToClose] {
        let index = Int(descriptor)
        guard isOpen(index) else { return [] }
        leave(index)
        enter(index, .writing, now)
        slots[index].body = body
        bodies.add(body)
        var closing: [ConnectionToClose] = []
        while bodies.byteCount > limits.responseBytesMax, let first = writing.first, first != index
        {
            closing.append(shutDown(first, .evicted))
        }
        return closing
    }

    /// A connection is about to be closed.
    mutating func close(_ descriptor: CInt) {
        let index = Int(descriptor)
        guard slots[index].phase != .absent else { return }
        if isOpen(index) { end(index, .other) }
        if slots[index].phase == .accepted { acceptedCount -= 1 }
        slots[index].phase = .absent
        presentCount -= 1
    }

    /// Those whose clients have had their time.
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

    /// All connections that libmicrohttpd serves.
    mutating func closeAll() -> [ConnectionToClose] {
        slots.indices.filter(isOpen).map { shutDown($0, .other) }
    }

    /// When the next one can expire, whatever is opened or moved meanwhile; nil is never.
    func nextDue(at now: MonotonicTime) -> MonotonicTime? {
        let ofOneToCome = limits.writingMax.map { now + $0 }
        return [readingDue, writingDue, ofOneToCome].compactMap { $0 }.min()
    }
}

// MARK: - Who has to go

extension ConnectionTable {
    private enum Place {
        case free
        /// That of another connection, which is closed for that cause.
        case of(Int, Cause)
        case none(Cause)
    }

    private var readingDue: MonotonicTime? {
        guard let first = reading.first, let max = limits.readingMax else { return nil }
        return slots[first].since + max
    }

    private var writingDue: MonotonicTime? {
        guard let first = writing.first, let max = limits.writingMax else { return nil }
        return slots[first].since + max
    }

    /// One that waits for a request goes before one in the middle of a response, a client's own before
    /// those of others, and one of many before one of few.
    private func place(for client: ClientAddress?, _ now: MonotonicTime) -> Place {
        let own = client.flatMap { clients[$0] }
        if let own, limits.perClientMax > 0, own.count >= limits.perClientMax {
            guard let other = own.reading.first ?? slow(own.writing.first, now) else {
                return .none(.clientLimit)
            }
            return .of(other, .clientLimit)
        }
        guard openCount >= limits.openMax else { return .free }
        let other = own?.reading.first ?? reading.first ?? slow(writing.first, now)
        guard let other = other ?? busyOfBusiest(beyond: own?.count ?? 0) else {
            return .none(.connectionLimit)
        }
        return .of(other, .evicted)
    }

    /// Of the client with the most connections, one in the middle of a request; nil where none has more than
    /// a newcomer of a client with so many makes up for.
    private func busyOfBusiest(beyond count: Int) -> Int? {
        clients.values.filter { $0.busy != nil && $0.count > count + 1 }
            .max { $0.count < $1.count }?.busy
    }

    private func slow(_ writing: Int?, _ now: MonotonicTime) -> Int? {
        writing.flatMap { slots[$0].since + ConnectionLimits.slowWriting <= now ? $0 : nil }
    }

    private func isOpen(_ index: Int) -> Bool {
        switch slots[index].phase {
        case .reading, .handling, .writing: true
        case .accepted, .closing, .absent: false
        }
    }

    private mutating func shutDown(_ index: Int, _ cause: Cause) -> ConnectionToClose {
        let awaitsResponse = slots[index].phase != .reading
        end(index, cause)
        return ConnectionToClose(descriptor: CInt(index), awaitsResponse: awaitsResponse)
    }

    private mutating func end(_ index: Int, _ cause: Cause) {
        leave(index)
        slots[index].phase = .closing
        openCount -= 1
        endedCounts[cause.rawValue] += 1
        guard let client = slots[index].client else { return }
        slots[index].client = nil
        clients[client]?.count -= 1
        if clients[client]?.count == 0 { clients[client] = nil }
    }

    private mutating func enter(_ index: Int, _ phase: Phase, _ now: MonotonicTime) {
        slots[index].phase = phase
        slots[index].since = now
        let client = slots[index].client
        switch phase {
        case .reading:
            reading.append(index, &links)
            if let client { clients[client]?.reading.append(index, &clientLinks) }
        case .writing:
            writing.append(index, &links)
            if let client { clients[client]?.writing.append(index, &clientLinks) }
        case .handling:
            if let client { clients[client]?.handling.append(index, &clientLinks) }
        case .accepted, .closing, .absent: break
        }
    }

    private mutating func leave(_ index: Int) {
        let client = slots[index].client
        switch slots[index].phase {
        case .reading:
            reading.remove(index, &links)
            if let client { clients[client]?.reading.remove(index, &clientLinks) }
        case .writing:
            writing.remove(index, &links)
            if let client { clients[client]?.writing.remove(index, &clientLinks) }
        case .handling:
            if let client { clients[client]?.handling.remove(index, &clientLinks) }
        case .accepted, .closing, .absent: break
        }
        if let body = slots[index].body.take() { bodies.remove(body) }
    }

    /// Descriptors are small and dense; their number has a limit of its own (`RLIMIT_NOFILE`).
    private mutating func grow(to count: Int) {
        let more = max(count, slots.count * 2) - slots.count
        slots += Array(repeating: Slot(), count: more)
        links += Array(repeating: ConnectionQueue.Links(), count: more)
        clientLinks += Array(repeating: ConnectionQueue.Links(), count: more)
    }
}

/// Connections in the order in which they came to a phase, so the first is the one that has been in it
/// longest: a doubly linked list through a table's slots, by descriptor.
struct ConnectionQueue {
    /// The neighbours of one connection in its queue; -1 is none.
    struct Links {
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    /// The longest in the queue.
    var first: Int? { head < 0 ? nil : Int(head) }

    private var head: Int32 = -1
    private var tail: Int32 = -1

    mutating func append(_ descriptor: Int, _ links: inout [Links]) {
        links[descriptor] = Links(previous: tail, next: -1)
        if tail < 0 { head = Int32(descriptor) } else { links[Int(tail)].next = Int32(descriptor) }
        tail = Int32(descriptor)
    }

    mutating func remove(_ descriptor: Int, _ links: inout [Links]) {
        let own = links[descriptor]
        if own.previous < 0 { head = own.next } else { links[Int(own.previous)].next = own.next }
        if own.next < 0 {
            tail = own.previous
        } else {
            links[Int(own.next)].previous = own.previous
        }
        links[descriptor] = Links()
    }
}

/// The body of a response, by which connections that are given the same one are known.
struct ResponseBody: Hashable {
    /// Where its bytes are.
    private let address: UInt
    let byteCount: Int

    init(_ bytes: [UInt8]) {
        address = unsafe bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        byteCount = bytes.count
    }
}

/// The bodies that are being written: each counts once, however many connections are given it.
struct ResponseBodies {
    private(set) var byteCount = 0
    private var connectionCounts: [ResponseBody: Int] = [:]

    mutating func add(_ body: ResponseBody) {
        let count = connectionCounts[body, default: 0]
        if count == 0 { byteCount += body.byteCount }
        connectionCounts[body] = count + 1
    }

    mutating func remove(_ body: ResponseBody) {
        let count = connectionCounts[body, default: 0] - 1
        connectionCounts[body] = count > 0 ? count : nil
        if count == 0 { byteCount -= body.byteCount }
    }
}
