import Procfs

// Looking for the holders of the sockets that wait.
extension OwnerAttribution {
    /// After so many free descriptors in a row no further one is tried: the kernel gives the lowest
    /// free number first.
    private static let missesMax = 4

    /// Looks for each wanted socket: where it was held before, where its holder would have put it, in
    /// processes not seen before, in those that got others, and then everywhere. The first process is
    /// left to the very end: systemd keeps the listeners of the services that it starts for them.
    ///
    /// A process that got others is worth a look of its own, for a number may be free and taken again
    /// while the table is read: the socket that had it is still in the table, and nobody would look for
    /// another one there.
    ///
    /// Before it looks everywhere it asks which of the missing are still there: short connections are
    /// closed by now, and would send each scrape of a busy host through all descriptors in vain.
    mutating func search(_ openAmong: OpenSockets) throws(FileError) {
        owners.beginSearch(&modules)
        wanted.index()
        defer { wanted.settle() }
        verifyRemembered()
        var likelihood = ProcessScanner.Likelihood()
        for slot in owners.living where wanted.remaining > 0 && slot != owners.initial {
            if let process = probe(slot) { likelihood.busy.insert(process) }
        }
        guard wanted.remaining > 0 else { return }
        try scanner.beginSearch(isChangeOnly: isEachMissingSoughtBefore)
        scan { $0.scanNew(isEnough: $1, found: $2) }
        let few = descriptorsWorthALook
        scan { $0.scanBusy(likelihood, descriptorsMax: few, isEnough: $1, found: $2) }
        giveUpClosed(openAmong)
        addWhatIsMissing(to: &likelihood)
        scan { $0.scanKnown(likelihood, isEnough: $1, found: $2) }
    }

    /// Whether every missing socket was looked for in all processes before, in vain: one of those has
    /// got it since, if any, and most likely has more descriptors now. Once in a period all are looked
    /// through, whatever they say.
    private var isEachMissingSoughtBefore: Bool {
        guard scrape % Self.verificationPeriod != 0 else { return false }
        return wanted.missing.allSatisfy { socket in
            cache.find(socket.cookie).map { cache[$0].owner } == .nobody
        }
    }

    private mutating func giveUpClosed(_ openAmong: OpenSockets) {
        guard wanted.remaining > 0, scanner.remainingDescriptorCount >= descriptorsWorthAPass
        else { return }
        let missing = Set(wanted.missing.lazy.filter { $0.table == 0 }.map(\.inode))
        guard !missing.isEmpty, let open = openAmong(missing) else { return }
        for inode in missing.subtracting(open) { wanted.giveUp(inode) }
    }

    /// Lends the scanner what it needs to know when it has found enough, and whom to tell.
    private mutating func scan(
        _ body: (
            inout ProcessScanner, _ isEnough: () -> Bool, _ found: ProcessScanner.Found
        ) -> Void
    ) {
        guard wanted.remaining > 0 else { return }
        Self.scan(&scanner, &wanted, &owners, &modules, procfs, body)
    }

    /// Static, so that what the scan changes and what it tells are seen to be different variables.
    private static func scan(
        _ scanner: inout ProcessScanner, _ wanted: inout WantedSockets,
        _ owners: inout OwnerProcesses, _ modules: inout ModuleTable, _ procfs: ProcFS,
        _ body: (inout ProcessScanner, () -> Bool, ProcessScanner.Found) -> Void
    ) {
        var last: (process: ProcessIdentity, slot: OwnerSlot)?
        body(&scanner) {
            wanted.remaining == 0
        } _: { process, inode, descriptor in
            wanted.found(inode, by: descriptor) {
                if let last, last.process == process { return last.slot }
                let slot = owners.slot(of: process, procfs, &modules)
                last = (process, slot)
                return slot
            }
        }
    }

    /// Looks whether sockets known before are still held by the same descriptor.
    private mutating func verifyRemembered() {
        var remembered: [OwnerSlot: [(SocketInode, UInt32)]] = [:]
        for socket in wanted.waiting {
            guard let entry = cache.find(socket.cookie).map({ cache[$0] }),
                entry.owner != .nobody, entry.owner != owners.initial
            else { continue }
            remembered[entry.owner, default: []].append((socket.inode, entry.descriptor))
        }
        for (slot, sockets) in remembered {
            guard let process = owners[slot]?.identity.process,
                let descriptors = try? procfs.descriptors(of: process)
            else { continue }
            note(sockets.filter { descriptors[$0.1] == .socket($0.0) }, in: slot)
        }
    }

    /// Notes by which descriptors a holder has sockets, if all this time its number was its own: after
    /// its end another process may have got it.
    private mutating func note(_ sockets: [(SocketInode, UInt32)], in slot: OwnerSlot) {
        guard !sockets.isEmpty, let identity = owners[slot]?.identity,
            (try? ProcessIdentity(identity.process, procfs)) == identity
        else { return }
        for (inode, descriptor) in sockets { wanted.found(inode, by: descriptor) { slot } }
    }

    /// Looks at the descriptors that a holder's new sockets are likely to have: the lowest of those
    /// that are gone, and the ones above the highest. Gives the process if it has any.
    private mutating func probe(_ slot: OwnerSlot) -> ProcessID? {
        guard var process = owners[slot],
            let descriptors = try? procfs.descriptors(of: process.identity.process)
        else { return nil }
        process.freedDescriptors.sort()
        var found: [(SocketInode, UInt32)] = []
        var misses = 0
        process.freedDescriptors.removeAll { descriptor in
            guard misses < Self.missesMax else { return false }
            let isUsed = look(at: descriptor, in: descriptors, &found)
            misses = isUsed ? 0 : misses + 1
            return isUsed
        }
        var descriptor = process.highestDescriptor
        misses = 0
        while misses < Self.missesMax, wanted.remaining > found.count {
            descriptor += 1
            misses = look(at: descriptor, in: descriptors, &found) ? 0 : misses + 1
        }
        owners[slot] = process
        note(found, in: slot)
        return found.isEmpty ? nil : process.identity.process
    }

    /// Whether the descriptor is in use; a missing socket behind it is added to those found.
    private func look(
        at descriptor: UInt32, in descriptors: DescriptorDirectory,
        _ found: inout [(SocketInode, UInt32)]
    ) -> Bool {
        guard let target = descriptors[descriptor] else { return false }
        if case .socket(let inode) = target, wanted.isMissing(inode) {
            found.append((inode, descriptor))
        }
        return true
    }

    private func addWhatIsMissing(to likelihood: inout ProcessScanner.Likelihood) {
        var missing: Set<CgroupID> = []
        for socket in wanted.missing {
            likelihood.userIDs.insert(socket.userID)
            if let cgroup = cgroups.id(at: socket.cgroup) { missing.insert(cgroup) }
        }
        likelihood.relatives = owners.holders(ofSocketsIn: missing)
    }
}
