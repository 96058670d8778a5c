import Procfs

/// Looks through the descriptors of processes for sockets that are wanted.
///
/// Among several holders the earliest started owns a socket, and the first process of the PID
/// namespace only when nobody else holds it. A socket comes to a second process by inheritance, mostly:
/// so a process's ancestors are always looked through before the process itself.
struct ProcessScanner {
    /// What the missing sockets have in common with the process that may hold them.
    struct Likelihood {
        /// Processes in which others of the wanted sockets were found.
        var busy: Set<ProcessID> = []
        /// Processes that hold sockets of the same cgroups.
        var relatives: Set<ProcessID> = []
        var userIDs: Set<UInt32> = []
    }

    /// Told of each socket that a process holds, wanted or not.
    typealias Found = (ProcessIdentity, SocketInode, UInt32) -> Void

    /// Longer than any chain of parents that is not somebody's trick.
    private static let ancestorsMax = 64

    private let procfs: ProcFS
    private let listing = DirectoryListing()
    /// How many descriptors each process had when they were last read; 0 when they were not all read, or
    /// the kernel does not tell.
    private var known: [ProcessID: Int64] = [:]
    private var denied: Set<ProcessID> = []
    /// Those there when the search under way began, and those of them looked through.
    private var processes: [ProcessID] = []
    private var scanned: Set<ProcessID> = []
    private var isChangeOnly = false
    private var isListed = true
    private var isInitialHidden = false
    private let isNamespaceNested: Bool

    init(procfs: ProcFS) {
        self.procfs = procfs
        isNamespaceNested = procfs.isNamespaceNested
    }

    /// What cannot be seen.
    var visibility: ProcessVisibility {
        ProcessVisibility(
            deniedProcessCount: denied.count, areProcessesHidden: isInitialHidden || !isListed,
            isNamespaceNested: isNamespaceNested)
    }

    /// How many descriptors the search under way has still to look at, by their last count.
    var remainingDescriptorCount: Int64 {
        known.reduce(0) { scanned.contains($1.key) ? $0 : $0 + $1.value }
    }

    /// Lists the processes to be looked through: `scanNew` first, and `scanKnown` for what is then
    /// still missing.
    ///
    /// - Parameter isChangeOnly: Leaves out processes that have as many descriptors as when they were
    ///   last looked through, where the kernel tells.
    mutating func beginSearch(isChangeOnly: Bool = false) throws(FileError) {
        self.isChangeOnly = isChangeOnly
        isListed = false
        processes = try procfs.processes(listing)
        isListed = true
        isInitialHidden = !processes.contains(.initial)
        forget(allBut: Set(processes))
        scanned.removeAll(keepingCapacity: true)
    }

    /// Looks through the processes not seen before, until it is enough; earliest started first.
    mutating func scanNew(isEnough: () -> Bool, found: Found) {
        var new: [ProcessIdentity] = []
        for process in processes where process != .initial && known[process] == nil {
            if let identity = identity(of: process) { new.append(identity) }
        }
        scan(new.sorted { $0.precedes($1) }.map(\.process), isEnough, found)
    }

    /// Looks through the busy ones that had no more descriptors than so many, until it is enough.
    mutating func scanBusy(
        _ likelihood: Likelihood, descriptorsMax: Int64, isEnough: () -> Bool, found: Found
    ) {
        let processes = processes.filter { process in
            guard likelihood.busy.contains(process), let count = known[process] else {
                return false
            }
            return count <= descriptorsMax && !scanned.contains(process)
        }
        scan(processes, isEnough, found)
    }

    /// Looks through the others, until it is enough: first those likeliest to have got a socket, of the
    /// likely those with few descriptors; the first process of the namespace last.
    mutating func scanKnown(_ likelihood: Likelihood, isEnough: () -> Bool, found: Found) {
        let ranked: [(process: ProcessID, rank: Int, count: Int64)] =
            processes
            .filter { $0 != .initial && !scanned.contains($0) }
            .compactMap { process in
                known[process].map { (process, rank(process, likelihood), $0) }
            }
        let likeliestFirst = ranked.sorted {
            ($1.rank, $0.count, $0.process) < ($0.rank, $1.count, $1.process)
        }
        scan(
            likeliestFirst.map(\.process) + processes.filter { $0 == .initial }, isEnough, found)
    }

    /// Each after its ancestors.
    private mutating func scan(
        _ processes: [ProcessID], _ isEnough: () -> Bool, _ found: Found
    ) {
        for process in processes {
            for member in family(of: process) where !scanned.contains(member) {
                if isEnough() { return }
                if isChangeOnly && !isChanged(member) { continue }
                scan(member, found)
            }
        }
    }

    /// Who has the number now. With `hidepid=1` the mount shows the processes of others and nothing in
    /// them.
    private mutating func identity(of process: ProcessID) -> ProcessIdentity? {
        do throws(FileError) {
            return try ProcessIdentity(process, procfs)
        } catch {
            if error.isDenied { denied.insert(process) }
            return nil
        }
    }

    private mutating func forget(allBut processes: Set<ProcessID>) {
        known = known.filter { processes.contains($0.key) }
        denied.formIntersection(processes)
    }

    private mutating func scan(_ process: ProcessID, _ found: Found) {
        scanned.insert(process)
        guard let identity = identity(of: process) else { return }
        // Not all read, should anything keep us from looking.
        known[process] = 0
        do throws(FileError) {
            known[process] = try procfs.descriptors(of: process)
                .forEachSocket(listing) { found(identity, $0, $1) }
            denied.remove(process)
        } catch {
            // Whatever it was, a socket may be there, and the next search looks again.
            if !error.isGone { denied.insert(process) }
        }
    }
}

// MARK: - The order of the search

extension ProcessScanner {
    /// Whether a process may hold other descriptors than when it was last looked through.
    private func isChanged(_ process: ProcessID) -> Bool {
        guard let known = known[process], known > 0 else { return true }
        return procfs.descriptorTable(of: process)?.count != known
    }

    /// How likely a known process has got a missing socket: one point for its user, two for more
    /// descriptors than before, four for its cgroup, eight for others that it got.
    private func rank(_ process: ProcessID, _ likelihood: Likelihood) -> Int {
        guard let known = known[process], let table = procfs.descriptorTable(of: process)
        else { return 0 }
        let isUsers = likelihood.userIDs.contains(table.userID)
        let hasGrown = table.count > known
        let isRelative = likelihood.relatives.contains(process)
        let isBusy = likelihood.busy.contains(process)
        return (isUsers ? 1 : 0) + (hasGrown ? 2 : 0) + (isRelative ? 4 : 0) + (isBusy ? 8 : 0)
    }

    /// The process's ancestors, the first one left out, and then itself.
    private func family(of process: ProcessID) -> [ProcessID] {
        var family = [process]
        while family.count < Self.ancestorsMax, let parent = parent(of: family[0]) {
            family.insert(parent, at: 0)
        }
        return family
    }

    /// A parent of which nothing is left to look through ends the line: its own have been before it.
    private func parent(of process: ProcessID) -> ProcessID? {
        guard let parent = try? procfs.statistics(of: process).parent,
            parent > .initial, !scanned.contains(parent)
        else { return nil }
        return parent
    }
}
