package import Procfs
import TCPConnections

// Giving connections out with their owners, after the table was read.
extension OwnerAttribution {
    /// Attributes each connection that waits, listeners too, and ends the scrape.
    ///
    /// - Parameters:
    ///   - body: Given every connection exactly once, those of the same fate together.
    ///   - listener: Given in addition each listener whose owner is wanted.
    ///   - openAmong: Reads the first table again and says which of some sockets are still in it; nil
    ///     when it cannot.
    /// - Throws: When /proc itself cannot be listed. Each connection has been given all the same, as
    ///   `protected` where only a process could have told.
    package mutating func attribute(
        _ body: (ConnectionTally, Attribution) -> Void,
        listener: (AttributedListener) -> Void,
        openAmong: OpenSockets = { _ in nil }
    ) throws(FileError) {
        endRun(body)
        Self.sweep(&cache, &owners)
        wantListeners()
        var failure: FileError?
        do throws(FileError) { try search(openAmong) } catch { failure = error }
        let listeners = giveListeners(body, listener)
        giveWaiting(body)
        giveUnheld(listeners, body)
        endScrape()
        if let failure { throw failure }
    }

    /// Listeners whose owners are not known are looked for as well. Those that nobody asked for are
    /// left out, unless a connection's owner depends on them.
    private mutating func wantListeners() {
        let isAnyNotAccepted = unheld.keys.contains { $0.isNotAccepted }
        if !isAnyNotAccepted { listening.removeAll { !$0.isOwnerWanted } }
        for listener in listening {
            if case .wanted = listener.owner { wanted.append(listener.socket) }
        }
    }

    private mutating func giveListeners(
        _ body: (ConnectionTally, Attribution) -> Void, _ give: (AttributedListener) -> Void
    ) -> Listeners {
        var listeners = Listeners()
        for listening in listening {
            let attribution = attribution(of: listening)
            listeners.add(
                listening.address, port: listening.port, table: listening.socket.table,
                attribution)
            guard listening.isOwnerWanted else { continue }
            let tally = ConnectionTally(listening.socket)
            body(tally, attribution)
            give(
                AttributedListener(
                    address: listening.address, port: listening.port, tally: tally,
                    attribution: attribution))
        }
        return listeners
    }

    private mutating func giveWaiting(_ body: (ConnectionTally, Attribution) -> Void) {
        for (socket, holder) in zip(wanted.waiting, wanted.holders) where socket.state != .listen {
            let tally = ConnectionTally(socket)
            if let owner = owners.attributions[holder.slot.index] {
                body(tally, owner)
            } else {
                add(tally, to: unheldKey(of: socket, whyUnheld(socket)))
            }
        }
    }

    private mutating func giveUnheld(
        _ listeners: Listeners, _ body: (ConnectionTally, Attribution) -> Void
    ) {
        for (key, tally) in unheld { body(tally, attribution(of: key, listeners)) }
    }

    private mutating func attribution(of listening: ListeningSocket) -> Attribution {
        if case .known(let attribution, _) = listening.owner { return attribution }
        let holder = wanted.holder(of: listening.socket.inode)
        return owners.attributions[holder.slot.index]
            ?? attribution(
                of: unheldKey(of: listening.socket, whyUnheld(listening.socket)), Listeners())
    }

    /// Of a socket whose holder was not found: by an earlier search either, or by this one alone.
    func whyUnheld(_ socket: WaitingSocket) -> UnheldConnections.Why {
        if socket.inode == .none { return .orphaned }
        if wanted.isGone(socket.inode) { return .gone }
        let known = cache.find(socket.cookie).map { cache[$0].owner }
        return known == .nobody ? .unseen : .missing
    }

    mutating func attribution(
        of key: UnheldConnections, _ listeners: Listeners
    ) -> Attribution {
        if case .notAccepted(let address, let port) = key.why,
            let owner = listeners.owner(
                of: address, port: port, table: key.table)
        {
            return owner
        }
        if let cgroup = key.cgroup, let module = cgroups.module(of: cgroup, cgroupfs) {
            return .module(modules.see(module))
        }
        switch key.why {
        case .notAccepted, .orphaned: return .unattributed(.notFound)
        case .gone: return .unattributed(.partial)
        case .unseen: return .unattributed(visibility.reason(isSeenAgain: true))
        case .missing: return .unattributed(visibility.reason(isSeenAgain: false))
        }
    }
}

// MARK: - The end of a scrape

extension OwnerAttribution {
    mutating func endScrape() {
        for (socket, holder) in zip(wanted.waiting, wanted.holders) {
            remember(socket, heldBy: holder.slot, by: holder.descriptor)
        }
        wanted.removeAll()
        owners.endScrape()
        modules.endScrape()
    }

    private mutating func remember(
        _ socket: WaitingSocket, heldBy holder: OwnerSlot, by descriptor: UInt32
    ) {
        guard !socket.isRepeated else { return }
        let known = socket.isRemembered ? cache.find(socket.cookie) : nil
        guard let index = known ?? cache.insert(socket.cookie) else { return }
        let isChanged = known == nil || cache[index].owner != holder
        // At the first scrape all are new to us, and few of them to their holders.
        cache[index].isYoung = isChanged && (scrape > 1 || holder == .nobody)
        cache[index].owner = holder
        cache[index].descriptor = descriptor
        owners.note(
            descriptor: descriptor, cgroup: cgroups.id(at: socket.cgroup), of: holder)
    }

    /// Forgets the sockets that are gone, before others are looked for: their descriptors are where
    /// new ones are likely to be.
    static func sweep(_ cache: inout SocketCache, _ owners: inout OwnerProcesses) {
        cache.sweep { entry in owners[entry.owner]?.free(descriptor: entry.descriptor) }
    }
}

extension UnheldConnections {
    fileprivate var isNotAccepted: Bool {
        if case .notAccepted = why { return true }
        return false
    }
}
