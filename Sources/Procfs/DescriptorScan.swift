package import TCPModel

/// Finds the holders of sockets in `/proc/PID/fd`.
///
/// Among several holders the earliest started owns a socket, and the first process of the PID
/// namespace only when nobody else holds it. A socket comes to a second process mostly by inheritance,
/// so a process is read after its ancestors.
package struct DescriptorScan: SocketHolders {
    /// Longer than any real chain of parents.
    private static let ancestorsMax = 64
    /// How many descriptors one step looks at.
    private static let descriptorsPerStep = 4096

    private struct Candidate {
        var process: ProcessID
        /// Whether its ancestors are in the queue, after it.
        var hasAncestors: Bool
    }

    private let procfs: ProcFS
    /// How many descriptors each process had when they were last read; 0 when they were not read to the
    /// end, or the kernel does not tell.
    private var descriptorCounts: [ProcessID: Int64] = [:]
    private var denied: Set<ProcessID> = []
    /// The processes that existed when the search began, and those that it has read.
    private var processes: [ProcessID] = []
    private var read: Set<ProcessID> = []
    /// The candidates that are still to be read, the next one last.
    private var queue: [Candidate] = []
    private var current: (identity: ProcessIdentity, descriptors: DescriptorDirectory)?
    private var isChangeOnly = false
    private var isListed = true
    private var isInitialHidden = false
    private let isNamespaceNested: Bool

    package init(_ procfs: ProcFS) {
        self.procfs = procfs
        isNamespaceNested = procfs.isNamespaceNested
    }

    package var visibility: HolderVisibility {
        HolderVisibility(
            deniedProcessCount: denied.count, areProcessesHidden: isInitialHidden || !isListed,
            isNamespaceNested: isNamespaceNested)
    }

    package var remainingDescriptorCount: Int64 {
        descriptorCounts.reduce(0) { read.contains($1.key) ? $0 : $0 + $1.value }
    }

    package func descriptors(of process: ProcessID) -> (any DescriptorTable)? {
        try? procfs.descriptors(of: process)
    }

    package mutating func beginSearch(isChangeOnly: Bool) throws(FileError) {
        self.isChangeOnly = isChangeOnly
        current = nil
        queue = []
        isListed = false
        processes = try procfs.processes()
        isListed = true
        isInitialHidden = !processes.contains(.initial)
        forget(allBut: Set(processes))
        read.removeAll(keepingCapacity: true)
    }

    package mutating func select(_ candidates: HolderCandidates) {
        let selected =
            switch candidates {
            case .new: newProcesses()
            case .processes(let processes, let descriptorsMax):
                self.processes.filter { process in
                    guard processes.contains(process), let count = descriptorCounts[process]
                    else { return false }
                    return count <= descriptorsMax && !read.contains(process)
                }
            case .all(let hints): likeliestFirst(hints)
            }
        queue = selected.reversed().map { Candidate(process: $0, hasAncestors: false) }
    }

    package mutating func next(_ sockets: inout [HeldSocket]) -> ProcessIdentity? {
        sockets.removeAll(keepingCapacity: true)
        while current == nil {
            guard let candidate = queue.popLast() else { return nil }
            let process = candidate.process
            guard !read.contains(process) else { continue }
            let ancestors = candidate.hasAncestors ? [] : ancestors(of: process)
            if ancestors.isEmpty {
                if !isChangeOnly || isChanged(process) { open(process) }
            } else {
                queue += ([process] + ancestors).map { Candidate(process: $0, hasAncestors: true) }
            }
        }
        guard let (identity, descriptors) = current else { return nil }
        readOn(identity, descriptors, &sockets)
        return identity
    }
}

// MARK: - Reading one process

extension DescriptorScan {
    private mutating func open(_ process: ProcessID) {
        read.insert(process)
        guard let identity = identity(of: process) else { return }
        // Not read to the end, should anything fail.
        descriptorCounts[process] = 0
        do throws(FileError) {
            current = (identity, try procfs.descriptors(of: process))
        } catch {
            noteFailure(error, process)
        }
    }

    private mutating func readOn(
        _ identity: ProcessIdentity, _ descriptors: DescriptorDirectory,
        _ sockets: inout [HeldSocket]
    ) {
        let process = identity.process
        do throws(FileError) {
            if try descriptors.next(&sockets, descriptorsMax: Self.descriptorsPerStep) { return }
            current = nil
            if descriptors.refusal != nil {
                denied.insert(process)
            } else {
                descriptorCounts[process] = descriptors.initialCount
                denied.remove(process)
            }
        } catch {
            current = nil
            noteFailure(error, process)
        }
    }

    /// Whatever the failure was, a socket may be there, and the next search looks again.
    private mutating func noteFailure(_ error: FileError, _ process: ProcessID) {
        if !error.isGone { denied.insert(process) }
    }

    /// The process that has the number now. With `hidepid=1` the mount shows the processes of others
    /// and nothing in them.
    private mutating func identity(of process: ProcessID) -> ProcessIdentity? {
        do throws(FileError) {
            return try procfs.identity(of: process)
        } catch {
            if error.isDenied { denied.insert(process) }
            return nil
        }
    }

    private mutating func forget(allBut processes: Set<ProcessID>) {
        descriptorCounts = descriptorCounts.filter { processes.contains($0.key) }
        denied.formIntersection(processes)
    }
}

// MARK: - The order of the search

extension DescriptorScan {
    private mutating func newProcesses() -> [ProcessID] {
        var new: [ProcessIdentity] = []
        for process in processes where process != .initial && descriptorCounts[process] == nil {
            if let identity = identity(of: process) { new.append(identity) }
        }
        return new.sorted { $0.precedes($1) }.map(\.process)
    }

    /// Of the equally likely, those with few descriptors first.
    private func likeliestFirst(_ hints: HolderHints) -> [ProcessID] {
        let ranked: [(process: ProcessID, rank: Int, count: Int64)] =
            processes
            .filter { $0 != .initial && !read.contains($0) }
            .compactMap { process in
                descriptorCounts[process].map { (process, rank(process, hints), $0) }
            }
        let sorted = ranked.sorted {
            ($1.rank, $0.count, $0.process) < ($0.rank, $1.count, $1.process)
        }
        return sorted.map(\.process) + processes.filter { $0 == .initial }
    }

    /// How likely a known process has got a missing socket: one point for its user, two for more
    /// descriptors than before, four for its cgroup, eight for others that it got.
    private func rank(_ process: ProcessID, _ hints: HolderHints) -> Int {
        guard let known = descriptorCounts[process],
            let table = procfs.descriptorTable(of: process)
        else { return 0 }
        let isUsers = hints.userIDs.contains(table.userID)
        let hasGrown = table.count > known
        let isCgroupMember = hints.cgroupMembers.contains(process)
        let isBusy = hints.busy.contains(process)
        return (isUsers ? 1 : 0) + (hasGrown ? 2 : 0) + (isCgroupMember ? 4 : 0) + (isBusy ? 8 : 0)
    }

    /// Whether a process may hold other descriptors than when it was last read.
    private func isChanged(_ process: ProcessID) -> Bool {
        guard let known = descriptorCounts[process], known > 0 else { return true }
        return procfs.descriptorTable(of: process)?.count != known
    }

    /// The ancestors that have not been read, the first process left out; the earliest one last. One
    /// that has been read ends the chain: its own ancestors came before it.
    private func ancestors(of process: ProcessID) -> [ProcessID] {
        var ancestors: [ProcessID] = []
        var next = process
        while ancestors.count < Self.ancestorsMax,
            let parent = try? procfs.statistics(of: next).parent,
            parent > .initial, !read.contains(parent)
        {
            ancestors.append(parent)
            next = parent
        }
        return ancestors
    }
}
