import Linux
import TCPModel

/// Searches for the holders of pending sockets.
struct HolderSearch {
    /// After so many free descriptors in a row no further one is tried: the kernel gives the lowest
    /// free number first.
    private static let missesMax = 4

    /// What the order of the search depends on.
    struct Thresholds {
        /// When the search may have to look at this many descriptors, reading the table again first is
        /// worth it: a row costs a fifth of what a descriptor costs.
        var descriptorsWorthAPass: Int64 = 10_000
        /// Up to so many descriptors of one process are looked at without that.
        var descriptorsWorthALook: Int64 = 1_000
    }

    private let thresholds: Thresholds
    /// How long one search may take; nil is as long as it takes.
    private let timeMax: Duration?
    /// When the current search ends, whatever is missing.
    private var deadline: MonotonicTime?
    /// Whether the last search ended by its deadline.
    private(set) var isExhausted = false
    private var holders: any SocketHolders
    /// The service managers that this search reads after all other processes.
    private var managers: Set<ProcessID> = []
    /// The sockets found in one step.
    private var sockets: [HeldSocket] = []

    init(
        _ holders: any SocketHolders, _ thresholds: Thresholds = Thresholds(),
        timeMax: Duration? = nil
    ) {
        self.holders = holders
        self.thresholds = thresholds
        self.timeMax = timeMax
    }

    /// What the last search could not see.
    var visibility: HolderVisibility { holders.visibility }

    /// Tells that a table is read now.
    mutating func readAhead() { holders.readAhead() }

    /// Searches for each pending socket: where it was held before, where its holder would have put it,
    /// in processes not read before, in those that got others, and then everywhere. Service managers come
    /// at the very end: systemd keeps the listeners of the services that it starts for them.
    ///
    /// A process that got others is worth reading by itself, because a number may be freed and taken
    /// again while the table is read: the socket that had it is still in the table, and no guess would
    /// find another one there.
    ///
    /// Before it reads everything it asks which of the missing are still open: short connections are
    /// closed by now, and would send each scrape of a busy host through all descriptors in vain. It asks
    /// the same at the end where processes may not be looked into.
    ///
    /// - Parameter source: Reads the first table again.
    mutating func run(
        for pending: inout PendingSockets, _ known: inout KnownOwners,
        rereading source: inout some ConnectionSource
    ) throws(FileError) {
        deadline = timeMax.map { MonotonicTime.now + $0 }
        isExhausted = false
        known.processes.beginSearch(&known.modules)
        pending.beginSearch()
        defer {
            holders.endSearch()
            pending.endSearch()
        }
        verifyCached(&pending, known)
        var hints = HolderHints()
        hints.busy = probeHolders(&pending, &known.processes, known.information)
        guard pending.remaining > 0 else { return }
        managers = known.managers
        try holders.beginSearch(
            isChangeOnly: Self.isChangeEnough(pending, known), last: managers)
        if known.processes.areRingsInUse { scan(.rings, &pending, &known) }
        scan(.new, &pending, &known)
        scan(
            .processes(hints.busy, descriptorsMax: thresholds.descriptorsWorthALook), &pending,
            &known)
        if holders.remainingDescriptorCount >= thresholds.descriptorsWorthAPass {
            dropClosed(&pending, &source)
        }
        addWhatIsMissing(to: &hints, pending, known)
        scan(.all(hints), &pending, &known)
        pending.settleManagers()
        scan(.threads, &pending, &known)
        scan(.rings, &pending, &known)
        // What may not be looked into could hold the rest, unless it is closed.
        if visibility.isRightMissing { dropClosed(&pending, &source) }
    }

    /// Whether every missing socket was searched for in all processes before, in vain: one of those has
    /// got it since, if any, and then most likely has more descriptors now. Once in a period all
    /// processes are read, whatever they say.
    private static func isChangeEnough(_ pending: PendingSockets, _ known: KnownOwners) -> Bool {
        guard known.scrape % KnownOwners.verificationPeriod != 0 else { return false }
        return pending.missing.allSatisfy(\.wasSought)
    }

    private mutating func scan(
        _ candidates: HolderCandidates, _ pending: inout PendingSockets,
        _ known: inout KnownOwners
    ) {
        guard pending.remaining > 0 else { return }
        holders.select(candidates)
        while pending.remaining > 0, holders.isNextKnown || !isTimeUp,
            let process = holders.next(&sockets)
        {
            var slot: ProcessSlot?
            for socket in sockets {
                guard let rank = pending.missingRank(of: socket.inode) else { continue }
                let holder = slot ?? known.slot(of: process)
                slot = holder
                if known.processes.isManager(holder), !managers.contains(process.process) {
                    pending.found(rank, by: socket.descriptor, inManager: holder)
                } else {
                    pending.found(rank, by: socket.descriptor, in: holder)
                }
            }
        }
    }

    /// Whether the deadline has passed, which ends the search.
    private var isTimeUp: Bool {
        mutating get {
            if let deadline, deadline <= .now { isExhausted = true }
            return isExhausted
        }
    }

    /// Reads the table again, and drops the missing sockets that are not in it any more.
    private func dropClosed(
        _ pending: inout PendingSockets, _ source: inout some ConnectionSource
    ) {
        guard pending.remaining > 0, !isExhausted else { return }
        let missing = Set(pending.missing.lazy.filter { $0.table == 0 }.map(\.inode))
        guard !missing.isEmpty, let open = source.openSockets(among: missing) else { return }
        pending.close(missing.subtracting(open))
    }

    private func addWhatIsMissing(
        to hints: inout HolderHints, _ pending: PendingSockets, _ known: KnownOwners
    ) {
        var cgroups: Set<CgroupID> = []
        for socket in pending.missing {
            hints.userIDs.insert(socket.userID)
            if let cgroup = known.cgroups[socket.cgroup] { cgroups.insert(cgroup) }
        }
        hints.cgroupMembers = known.processes.holders(ofSocketsIn: cgroups)
    }
}

// MARK: - Looking at single descriptors

extension HolderSearch {
    /// Looks whether cached sockets are still held by the same descriptor.
    private func verifyCached(_ pending: inout PendingSockets, _ known: KnownOwners) {
        var cached: [ProcessSlot: [HeldSocket]] = [:]
        for socket in pending.sockets where socket.isCached && !socket.wasSought {
            guard let place = known.sockets.find(socket.cookie) else { continue }
            let entry = known.sockets[place]
            guard !known.processes.isManager(entry.owner) else { continue }
            cached[entry.owner, default: []].append(
                HeldSocket(inode: socket.inode, descriptor: entry.descriptor))
        }
        for (slot, sockets) in cached {
            guard let identity = known.processes[slot]?.identity,
                let descriptors = holders.descriptors(of: identity.process)
            else { continue }
            let held = sockets.filter { descriptors[$0.descriptor] == .socket($0.inode) }
            note(held, in: slot, identity, &pending, known.information)
        }
    }

    /// Looks at the descriptors that new sockets of known holders are likely to have, and returns the
    /// processes that had any.
    private mutating func probeHolders(
        _ pending: inout PendingSockets, _ processes: inout ProcessCache,
        _ information: any ProcessInformation
    ) -> Set<ProcessID> {
        var busy: Set<ProcessID> = []
        for slot in processes.living
        where pending.remaining > 0 && !processes.isManager(slot) && !isTimeUp {
            guard let identity = processes[slot]?.identity,
                let descriptors = holders.descriptors(of: identity.process)
            else { continue }
            let found = probe(slot, descriptors, pending, &processes)
            note(found, in: slot, identity, &pending, information)
            if !found.isEmpty { busy.insert(identity.process) }
        }
        return busy
    }

    /// Looks at the lowest freed descriptors, and at those above the highest.
    private func probe(
        _ slot: ProcessSlot, _ descriptors: any DescriptorTable, _ pending: PendingSockets,
        _ processes: inout ProcessCache
    ) -> [HeldSocket] {
        guard let process = processes[slot] else { return [] }
        var found: [HeldSocket] = []
        var misses = 0
        var free: [UInt32] = []
        for descriptor in process.freedDescriptors.sorted() {
            if misses < Self.missesMax, look(at: descriptor, in: descriptors, pending, &found) {
                misses = 0
            } else {
                misses += 1
                free.append(descriptor)
            }
        }
        processes[slot]?.freedDescriptors = free
        misses = 0
        var descriptor = processes.traces[slot.index].highestDescriptor
        while misses < Self.missesMax, pending.remaining > found.count, descriptor < .max {
            descriptor += 1
            misses = look(at: descriptor, in: descriptors, pending, &found) ? 0 : misses + 1
        }
        return found
    }

    /// Whether the descriptor is in use; a missing socket behind it is added to those found.
    private func look(
        at descriptor: UInt32, in descriptors: any DescriptorTable, _ pending: PendingSockets,
        _ found: inout [HeldSocket]
    ) -> Bool {
        guard let target = descriptors[descriptor] else { return false }
        if case .socket(let inode) = target, pending.missingRank(of: inode) != nil {
            found.append(HeldSocket(inode: inode, descriptor: descriptor))
        }
        return true
    }

    /// Notes the sockets of a holder, if its number was its own all this time: after its end another
    /// process may have got it.
    private func note(
        _ sockets: [HeldSocket], in slot: ProcessSlot, _ identity: ProcessIdentity,
        _ pending: inout PendingSockets, _ information: any ProcessInformation
    ) {
        guard !sockets.isEmpty, (try? information.identity(of: identity.process)) == identity
        else { return }
        for socket in sockets {
            guard let rank = pending.missingRank(of: socket.inode) else { continue }
            pending.found(rank, by: socket.descriptor, in: slot)
        }
    }
}
