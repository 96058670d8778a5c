import Procfs
import TCPConnections

// Taking connections in, while the table is read.
extension OwnerAttribution {
    /// Takes in a connection whose socket no descriptor refers to.
    mutating func takeUnheld(
        _ connection: borrowing TCPConnection, _ body: (ConnectionTally, Attribution) -> Void
    ) {
        guard let why = UnheldConnections.Why(unheld: connection) else {
            body(ConnectionTally(connection, table: table), .unattributed(.notFound))
            return
        }
        let key = UnheldConnections(
            table: table, why: why, cgroup: connection.cgroup, state: connection.state,
            offloadState: connection.offloadState)
        add(ConnectionTally(connection, table: table), to: key)
    }

    /// Takes in a connection whose socket has a descriptor.
    @inline(__always)
    mutating func takeHeld(
        _ connection: borrowing TCPConnection, _ body: (ConnectionTally, Attribution) -> Void
    ) {
        switch remembered(connection.cookie) {
        case .known(let attribution, _):
            let tally = ConnectionTally(connection, table: table)
            if run?.attribution == attribution, run?.tally.isAlike(tally) == true {
                run?.tally.add(tally)
            } else {
                endRun(body)
                run = (tally, attribution)
            }
        case .unseen:
            let key = UnheldConnections(
                table: table, why: .unseen, cgroup: connection.cgroup, state: connection.state,
                offloadState: connection.offloadState)
            add(ConnectionTally(connection, table: table), to: key)
        case .wanted(let isRemembered):
            wanted.append(waitingSocket(connection, isRemembered: isRemembered))
        }
    }

    mutating func waitingSocket(
        _ connection: borrowing TCPConnection, isRemembered: Bool = false
    ) -> WaitingSocket {
        var socket = WaitingSocket(
            connection, cgroups.index(of: connection.cgroup), table: table)
        socket.isRemembered = isRemembered
        return socket
    }

    /// Gives the run.
    mutating func endRun(_ body: (ConnectionTally, Attribution) -> Void) {
        guard let ended = run else { return }
        run = nil
        body(ended.tally, ended.attribution)
    }

    func unheldKey(
        of socket: WaitingSocket, _ why: UnheldConnections.Why
    ) -> UnheldConnections {
        UnheldConnections(
            table: socket.table, why: why, cgroup: cgroups.id(at: socket.cgroup),
            state: socket.state, offloadState: socket.offloadState)
    }

    /// What is remembered of a socket, unless it is to be verified now.
    @inline(__always)
    mutating func remembered(_ cookie: UInt64) -> RememberedOwner {
        guard let place = cache.see(cookie) else { return .wanted(isRemembered: false) }
        let entry = cache[place]
        if isDue(entry, cookie) { return .wanted(isRemembered: true) }
        if let attribution = owners.attributions[entry.owner.index] {
            return .known(attribution, entry.owner)
        }
        return entry.owner == .nobody ? .unseen : .wanted(isRemembered: true)
    }

    /// Whether a remembered answer is to be verified now. Answers of nobody, and of the first process,
    /// are verified together, because one alone would cost a search through every process.
    @inline(__always)
    private func isDue(_ entry: SocketCache.Entry, _ cookie: UInt64) -> Bool {
        if entry.isYoung { return true }
        let isLast = entry.owner == .nobody || entry.owner == owners.initial
        let turn = isLast ? 0 : cookie % Self.verificationPeriod
        return scrape % Self.verificationPeriod == turn
    }

    mutating func add(_ tally: ConnectionTally, to key: UnheldConnections) {
        unheld[key]?.add(tally)
        if unheld[key] == nil { unheld[key] = tally }
    }

    mutating func listen(_ listener: borrowing TCPConnection, isOwnerWanted: Bool) {
        let owner = listener.inode == nil ? .unseen : remembered(listener.cookie)
        var socket = waitingSocket(listener)
        if case .wanted(let isRemembered) = owner { socket.isRemembered = isRemembered }
        listening.append(
            ListeningSocket(
                address: listener.localAddress, port: listener.localPort, socket: socket,
                isOwnerWanted: isOwnerWanted, owner: owner))
    }
}

extension TCPConnection {
    /// Whether the connection waits in a listener's queues. A socket that nobody holds and that was
    /// accepted once is an orphan, and orphans are past these states.
    package var isNotAccepted: Bool {
        inode == nil && (state == .synRecv || state == .established || state == .closeWait)
    }
}

extension UnheldConnections.Why {
    /// Why no descriptor refers to a connection's socket; nil when nothing could tell its owner.
    init?(unheld connection: borrowing TCPConnection) {
        if connection.isNotAccepted {
            self = .notAccepted(connection.localAddress, connection.localPort)
        } else if connection.cgroup != nil {
            self = .orphaned
        } else {
            return nil
        }
    }
}

extension WaitingSocket {
    init(_ connection: borrowing TCPConnection, _ cgroup: UInt16, table: UInt16) {
        cookie = connection.cookie
        inode = connection.inode ?? .none
        receiveQueue = connection.receiveQueue
        sendQueue = connection.sendQueue
        userID = connection.userID
        self.cgroup = cgroup
        self.table = table
        state = connection.state
        offloadState = connection.offloadState
    }
}

extension ConnectionTally {
    /// Whether both count the same kind of connections.
    fileprivate func isAlike(_ other: ConnectionTally) -> Bool {
        table == other.table && state == other.state && offloadState == other.offloadState
    }

    fileprivate mutating func add(_ other: ConnectionTally) {
        count += other.count
        receiveQueue += other.receiveQueue
        sendQueue += other.sendQueue
    }
}
