import Linux
import Synchronization
import SystemPackage
package import TCPModel

/// The names of containers from the files that their runtimes keep on this host.
///
/// Each container is looked up once. What was not found is looked up again after 1, 2, 4 … 64 calls, and
/// what was found after 64: it may have been renamed.
package final class LocalContainerNames: ContainerNaming {
    /// Containers whose names are kept.
    static let containersMax = 4096
    /// Containers that one call looks up.
    static let lookupsMax = 256
    /// Calls between two look-ups of one container, at most.
    static let distanceMax: UInt64 = 64
    /// Threads that may wait for files at once.
    static let threadsMax = 4

    fileprivate struct Entry {
        var name: ContainerName?
        var result: ContainerNameResult
        /// The call that looks it up again, and how long that is after the last one.
        var nextCall: UInt64
        var distance: UInt64
        /// The last call with the container.
        var lastCall: UInt64
    }

    fileprivate struct State {
        var entries: [ModuleIdentity: Entry] = [:]
        var call: UInt64 = 0
        /// What the entries say together, made again when one changes: with a thousand containers a call
        /// costs a tenth of what it would else.
        var names: [ModuleIdentity: ContainerName] = [:]
        var results = ContainerNameResults()
        /// Batches whose threads were given up and have not come back.
        var stuck: [LookupBatch] = []
    }

    private let sources: ContainerSources
    /// How long one call waits for names, and how many it looks up.
    private let timeMax: Duration
    private let lookupsMax: Int
    private let state = Mutex(State())

    /// - Parameter isPatient: Whether a call finds as many names as it can: for a listing, which has no
    ///   later call.
    package init(
        paths: ContainerPaths, processes: any ProcessInformation, details: any ProcessDetails,
        isPatient: Bool = false
    ) {
        timeMax = isPatient ? .seconds(1) : .milliseconds(50)
        lookupsMax = isPatient ? Self.containersMax : Self.lookupsMax
        sources = ContainerSources(paths: paths, processes: processes, details: details)
    }

    package func names(of containers: [ContainerFacts]) -> [ModuleIdentity: ContainerName] {
        state.withLock { state in
            state.call += 1
            let (due, new) = state.visit(containers)
            let isAnyGone = state.forgetOthers()
            let chosen = Array((new.prefix(state.room) + due).prefix(lookupsMax))
            lookUp(chosen, &state)
            if isAnyGone || !chosen.isEmpty || !new.isEmpty { state.sum(new) }
            return state.names
        }
    }

    package var results: ContainerNameResults { state.withLock { $0.results } }

    package var problems: [String] {
        state.withLock { state in
            var problems: [String] = []
            if state.results[.denied] > 0 {
                problems.append(
                    "some containers are called by their IDs: reading their names takes "
                        + "CAP_DAC_READ_SEARCH")
            }
            if state.stuck.count >= Self.threadsMax {
                problems.append(
                    "new containers are called by their IDs: a file system with their names does not "
                        + "respond")
            }
            return problems
        }
    }

    private func lookUp(_ due: [ContainerFacts], _ state: inout State) {
        state.stuck.removeAll { $0.isEnded }
        guard !due.isEmpty, state.stuck.count < Self.threadsMax else { return }
        let batch = LookupBatch(due)
        let outcomes: [LookupBatch.Outcome]
        do throws(Errno) {
            outcomes = try batch.run(sources, within: timeMax)
        } catch {
            return  // The next call tries again.
        }
        for (container, outcome) in zip(due, outcomes) {
            state.note(outcome, of: container.module)
        }
        guard outcomes.count < due.count else { return }
        state.stuck.append(batch)
        // The others were not reached, and are the next call's.
        state.note(.failure(.limited), of: due[outcomes.count].module)
    }
}

extension LocalContainerNames.State {
    /// Notes which containers live.
    ///
    /// - Returns: Those whose turn it is to be looked up again, and those that never were.
    fileprivate mutating func visit(
        _ containers: [ContainerFacts]
    ) -> (due: [ContainerFacts], new: [ContainerFacts]) {
        let waited = Set(stuck.flatMap { $0.containers.map(\.module) })
        var due: [ContainerFacts] = []
        var new: [ContainerFacts] = []
        for container in containers {
            guard let index = entries.index(forKey: container.module) else {
                new.append(container)
                continue
            }
            entries.values[index].lastCall = call
            let entry = entries.values[index]
            guard entry.nextCall <= call else { continue }
            // A file that was waited for in vain is not asked for while it is still waited for.
            if entry.result == .limited, waited.contains(container.module) { continue }
            due.append(container)
        }
        return (due, new)
    }

    /// How many more containers there can be.
    fileprivate var room: Int { max(0, LocalContainerNames.containersMax - entries.count) }

    /// Forgets the containers that are gone, and returns whether any is.
    fileprivate mutating func forgetOthers() -> Bool {
        guard entries.values.contains(where: { $0.lastCall != call }) else { return false }
        entries = entries.filter { $0.value.lastCall == call }
        return true
    }

    /// - Parameter new: Those that had no entry when the call began: some may have none still.
    fileprivate mutating func sum(_ new: [ContainerFacts]) {
        names = entries.compactMapValues(\.name)
        results = ContainerNameResults()
        for entry in entries.values { results[entry.result] += 1 }
        results[.limited] += Set(new.map(\.module)).count { entries[$0] == nil }
    }

    fileprivate mutating func note(
        _ outcome: LookupBatch.Outcome, of container: ModuleIdentity
    ) {
        let distanceMax = LocalContainerNames.distanceMax
        switch outcome {
        case .success(let name):
            entries[container] = LocalContainerNames.Entry(
                name: name, result: .named, nextCall: call + distanceMax, distance: 0,
                lastCall: call)
        case .failure(let failure):
            let before = entries[container]
            let distance = min(distanceMax, max(1, (before?.distance ?? 0) * 2))
            // A name is not lost because it took long to read it again.
            entries[container] = LocalContainerNames.Entry(
                name: failure == .limited ? before?.name : nil,
                result: ContainerNameResult(failure), nextCall: call + distance,
                distance: distance, lastCall: call)
        }
    }
}

extension ContainerNameResult {
    fileprivate init(_ failure: LookupFailure) {
        switch failure {
        case .denied: self = .denied
        case .notFound: self = .notFound
        case .invalid: self = .invalid
        case .limited: self = .limited
        }
    }
}
