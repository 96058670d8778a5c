import SystemPackage
package import TCPModel

/// Finds the holders of sockets in `/proc/PID/fd`.
///
/// Among several holders the earliest started owns a socket, and one that holds sockets for others only
/// when nobody else holds it. A socket comes to a second process mostly by inheritance, so a process is
/// read after its ancestors.
package struct DescriptorScan: SocketHolders {
    /// How many threads are read in one search.
    private static let threadsMax = 1024
    /// Longer than any real chain of parents.
    private static let ancestorsMax = 64
    /// How many descriptors one step looks at.
    private static let descriptorsPerStep = 4096

    private struct Candidate {
        var process: ProcessID
        /// The thread whose descriptors are read; nil reads the main thread's.
        var thread: ProcessID?
        /// Whether its ancestors are in the queue, after it.
        var hasAncestors: Bool
    }

    /// What is being read.
    private struct Current {
        var identity: ProcessIdentity
        var descriptors: DescriptorDirectory
        var isMainThread: Bool
    }

    private let procfs: ProcFS
    /// How many descriptors each process had when they were last read; 0 when they were not read to the
    /// end, or the kernel does not tell.
    private var descriptorCounts: [ProcessID: Int64] = [:]
    private var denied: DeniedProcesses
    /// The first error of this search that is neither a missing right nor a process that is gone.
    private var failure: FileError?
    /// The processes that existed when the search began, and those that it has read.
    private var processes: [ProcessID] = []
    private var read: Set<ProcessID> = []
    /// The candidates that are still to be read, the next one last.
    private var queue: [Candidate] = []
    private var current: Current?
    /// What a second thread reads at a first search.
    private var readAhead: DescriptorReadAhead?
    /// The io_uring instances of each process that has any, as when it was last read, and those that are
    /// still to be read, the next one last.
    private var rings: [ProcessID: [UInt32]] = [:]
    private var ringQueue: [(process: ProcessID, ring: UInt32)] = []
    private let showsRegisteredSockets: Bool
    private let countsDescriptors: Bool
    private var isChangeOnly = false
    /// The processes that are read after all others.
    private var last: Set<ProcessID> = []
    private var isListed = true
    private var isInitialHidden = false
    private var isNamespaceNested: Bool

    package init(_ procfs: ProcFS) {
        self.procfs = procfs
        denied = DeniedProcesses(procfs)
        isNamespaceNested = procfs.isNamespaceNested
        let release = procfs.kernelRelease
        showsRegisteredSockets = release?.showsRegisteredSockets == true
        countsDescriptors = release?.countsDescriptors == true
    }

    package var visibility: HolderVisibility {
        HolderVisibility(
            deniedProcessCount: denied.count, deniedProcess: denied.example,
            wouldCapabilitiesHelp: denied.wouldCapabilitiesHelp,
            areProcessesHidden: isInitialHidden || !isListed,
            isNamespaceNested: isNamespaceNested, failure: failure)
    }

    package var remainingDescriptorCount: Int64 {
        descriptorCounts.reduce(0) { read.contains($1.key) ? $0 : $0 + $1.value }
    }

    package func descriptors(of process: ProcessID) -> (any DescriptorTable)? {
        try? procfs.descriptors(of: process)
    }

    package mutating func beginSearch(
        isChangeOnly: Bool, last: Set<ProcessID>
    ) throws(FileError) {
        self.isChangeOnly = isChangeOnly
        self.last = last
        current = nil
        queue = []
        ringQueue = []
        failure = nil
        // What could not be read once is no answer for good.
        if isNamespaceNested { isNamespaceNested = procfs.isNamespaceNested }
        isListed = false
        processes = try procfs.processes()
        isListed = true
        isInitialHidden = !processes.contains(.initial)
        forget(allBut: Set(processes))
        read.removeAll(keepingCapacity: true)
    }

    package mutating func endSearch() {
        readAhead?.end()
        readAhead = nil
    }

    package mutating func select(_ candidates: HolderCandidates) {
        switch candidates {
        case .new:
            let processes = newProcesses()
            if descriptorCounts.isEmpty { readAhead = DescriptorReadAhead(procfs, processes) }
            enqueue(processes)
        case .processes(let selected, let descriptorsMax):
            enqueue(
                processes.filter { process in
                    guard selected.contains(process), let count = descriptorCounts[process]
                    else { return false }
                    return count <= descriptorsMax && !read.contains(process)
                })
        case .all(let hints): enqueue(likeliestFirst(hints))
        case .threads: queue = isChangeOnly ? [] : threads()
        case .rings: if !isChangeOnly { enqueueRings() }
        }
    }

    private mutating func enqueue(_ processes: [ProcessID]) {
        queue = processes.reversed().map {
            Candidate(process: $0, thread: nil, hasAncestors: false)
        }
    }

    package mutating func next(_ sockets: inout [HeldSocket]) -> ProcessIdentity? {
        sockets.removeAll(keepingCapacity: true)
        while current == nil {
            guard let candidate = queue.popLast() else { return nextRing(&sockets) }
            let process = candidate.process
            if let thread = candidate.thread {
                open(process, thread)
                continue
            }
            guard !read.contains(process) else { continue }
            let ancestors = candidate.hasAncestors ? [] : ancestors(of: process)
            if ancestors.isEmpty {
                if let reading = readAhead?.reading(of: process) {
                    if let identity = take(reading, process, &sockets) { return identity }
                } else if !isChangeOnly || isChanged(process) {
                    open(process)
                } else {
                    // Else each of its descendants would come back to it.
                    read.insert(process)
                }
            } else {
                queue += ([process] + ancestors).map {
                    Candidate(process: $0, thread: nil, hasAncestors: true)
                }
            }
        }
        guard let current else { return nil }
        readOn(current, &sockets)
        return current.identity
    }
}

// MARK: - What is read in another way

extension DescriptorScan {
    /// Where the kernel does not tell how many descriptors a process has, it is taken to have so many.
    private static let usualDescriptorCount: Int64 = 64

    package enum Selection {
        /// Those that no search has read yet.
        case new
        /// Those that this search has not read.
        case unread
        case every
    }

    /// How many descriptors processes have now. Those that are gone or may not be looked into have none.
    package func counts(of selection: Selection) -> [ProcessID: Int64] {
        var counts: [ProcessID: Int64] = [:]
        for process in processes {
            switch selection {
            case .new where descriptorCounts[process] != nil: continue
            case .unread where read.contains(process): continue
            default: break
            }
            guard let count = procfs.descriptorTable(of: process)?.count else { continue }
            counts[process] = countsDescriptors ? count : Self.usualDescriptorCount
        }
        return counts
    }

    /// Takes processes for read to the end, with so many descriptors.
    package mutating func skip(_ counts: [ProcessID: Int64]) {
        for (process, count) in counts {
            descriptorCounts[process] = count
            read.insert(process)
        }
    }

    /// Notes which processes may not be looked into.
    package mutating func noteDenied() {
        for process in processes {
            do throws(FileError) {
                try procfs.descriptors(of: process).checkAccess()
                denied.remove(process)
            } catch {
                noteFailure(error, process)
            }
        }
    }

    /// Notes the io_uring instances of a process.
    package mutating func note(rings: [UInt32], of process: ProcessID) {
        self.rings[process] = rings
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
            current = Current(
                identity: identity, descriptors: try procfs.descriptors(of: process),
                isMainThread: true)
        } catch {
            noteFailure(error, process)
        }
    }

    /// Takes what was read ahead.
    private mutating func take(
        _ reading: DescriptorReadAhead.Reading, _ process: ProcessID,
        _ sockets: inout [HeldSocket]
    ) -> ProcessIdentity? {
        read.insert(process)
        if let failure = reading.failure {
            noteFailure(failure, process)
        } else {
            rings[process] = reading.rings.isEmpty ? nil : reading.rings
            denied.remove(process)
        }
        if reading.identity != nil { descriptorCounts[process] = reading.count }
        sockets = reading.sockets
        return reading.identity
    }

    private mutating func open(_ process: ProcessID, _ thread: ProcessID) {
        guard let identity = identity(of: process) else { return }
        do throws(FileError) {
            current = Current(
                identity: identity,
                descriptors: try procfs.descriptors(of: process, thread: thread),
                isMainThread: false)
        } catch {
            noteFailure(error, process)
        }
    }

    private mutating func readOn(_ reading: Current, _ sockets: inout [HeldSocket]) {
        let process = reading.identity.process
        let descriptors = reading.descriptors
        do throws(FileError) {
            if try descriptors.next(&sockets, descriptorsMax: Self.descriptorsPerStep) { return }
            current = nil
            if let refusal = descriptors.refusal {
                noteFailure(descriptors.error(refusal), process)
            } else if reading.isMainThread {
                descriptorCounts[process] = descriptors.initialCount
                rings[process] = descriptors.rings.isEmpty ? nil : descriptors.rings
                denied.remove(process)
            }
        } catch {
            current = nil
            noteFailure(error, process)
        }
    }

    /// Whatever it was, a socket may be there, and the next search looks again.
    private mutating func noteFailure(_ error: FileError, _ process: ProcessID) {
        if error.isDenied, case .errno(let errno) = error.cause {
            denied.insert(process, errno)
        } else if !error.isGone {
            failure = failure ?? error
        }
    }

    /// The process that has the number now. With `hidepid=1` the mount shows the processes of others
    /// and nothing in them.
    private mutating func identity(of process: ProcessID) -> ProcessIdentity? {
        do throws(FileError) {
            return try procfs.identity(of: process)
        } catch {
            noteFailure(error, process)
            return nil
        }
    }

    private mutating func forget(allBut processes: Set<ProcessID>) {
        descriptorCounts = descriptorCounts.filter { processes.contains($0.key) }
        denied.forget(allBut: processes)
        rings = rings.filter { processes.contains($0.key) }
    }
}

// MARK: - io_uring

extension DescriptorScan {
    /// How many instances are read in one search.
    private static let ringsMax = 1024

    private mutating func enqueueRings() {
        queue = []
        guard showsRegisteredSockets else { return }
        ringQueue = Array(
            rings.sorted { $0.key > $1.key }
                .flatMap { process, rings in rings.map { (process: process, ring: $0) } }
                .suffix(Self.ringsMax))
    }

    private mutating func nextRing(_ sockets: inout [HeldSocket]) -> ProcessIdentity? {
        while let (process, ring) = ringQueue.popLast() {
            guard let identity = identity(of: process) else { continue }
            do throws(FileError) {
                sockets = try procfs.registeredSockets(of: process, ring: ring)
                return identity
            } catch {
                noteFailure(error, process)
            }
        }
        return nil
    }
}

// MARK: - The order of the search

extension DescriptorScan {
    private mutating func newProcesses() -> [ProcessID] {
        var new: [ProcessIdentity] = []
        for process in processes where descriptorCounts[process] == nil && !last.contains(process) {
            if let identity = identity(of: process) { new.append(identity) }
        }
        return new.sorted { $0.precedes($1) }.map(\.process)
    }

    private func likeliestFirst(_ hints: HolderHints) -> [ProcessID] {
        let candidates = processes.filter { !last.contains($0) && !read.contains($0) }
            .compactMap { process in
                descriptorCounts[process].map { (process: process, lastCount: $0) }
            }
        return HolderRanking(procfs, hints).likeliestFirst(candidates)
            + processes.filter(last.contains)
    }

    /// Whether a process may hold other descriptors than when it was last read.
    private func isChanged(_ process: ProcessID) -> Bool {
        guard let known = descriptorCounts[process], known > 0 else { return true }
        return procfs.descriptorTable(of: process)?.count != known
    }

    /// Most threads share their process' descriptors. One that has as many as the main thread is taken
    /// for one of those, where the kernel tells the number; those of a process whose main thread has
    /// ended have more.
    private func threads() -> [Candidate] {
        var candidates: [Candidate] = []
        for process in processes where procfs.threadCount(of: process) > 1 {
            let count = procfs.descriptorTable(of: process)?.count ?? -1
            for thread in procfs.threads(of: process) where thread != process {
                let own = procfs.descriptorTable(of: process, thread: thread)?.count ?? 0
                guard own != count || own == 0 else { continue }
                candidates.append(Candidate(process: process, thread: thread, hasAncestors: true))
                if candidates.count == Self.threadsMax { return candidates }
            }
        }
        return candidates
    }

    /// The ancestors that have not been read, the earliest one last. One that has been read ends the
    /// chain, because its own ancestors came before it, and so does one that is read after all others.
    private func ancestors(of process: ProcessID) -> [ProcessID] {
        var ancestors: [ProcessID] = []
        var next = process
        while ancestors.count < Self.ancestorsMax,
            let parent = try? procfs.statistics(of: next).parent,
            parent.rawValue > 0, !last.contains(parent), !read.contains(parent)
        {
            ancestors.append(parent)
            next = parent
        }
        return ancestors
    }
}
