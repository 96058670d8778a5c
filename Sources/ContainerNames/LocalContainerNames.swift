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
    }

    fileprivate struct State {
        var entries: [ModuleIdentity: Entry] = [:]
        var call: UInt64 = 0
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
            let living = Set(containers.map(\.module))
            state.entries = state.entries.filter { living.contains($0.key) }
            lookUp(state.due(containers, lookupsMax), &state)
            state.count(living)
            return state.entries.compactMapValues(\.name)
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
    /// The containers to look up: those that were never looked up before those that were.
    fileprivate func due(
        _ containers: [ContainerFacts], _ lookupsMax: Int
    ) -> [ContainerFacts] {
        let waited = Set(stuck.flatMap { $0.containers.map(\.module) })
        let new = containers.filter { entries[$0.module] == nil }
        let room = max(0, LocalContainerNames.containersMax - entries.count)
        let again = containers.filter { container in
            guard let entry = entries[container.module] else { return false }
            // A file that was waited for in vain is not asked for while it is still waited for.
            let isWaited = entry.result == .limited && waited.contains(container.module)
            return entry.nextCall <= call && !isWaited
        }
        return Array((new.prefix(room) + again).prefix(lookupsMax))
    }

    fileprivate mutating func note(
        _ outcome: LookupBatch.Outcome, of container: ModuleIdentity
    ) {
        let distanceMax = LocalContainerNames.distanceMax
        switch outcome {
        case .success(let name):
            entries[container] = LocalContainerNames.Entry(
                name: name, result: .named, nextCall: call + distanceMax, distance: 0)
        case .failure(let failure):
            let before = entries[container]
            let distance = min(distanceMax, max(1, (before?.distance ?? 0) * 2))
            // A name is not lost because it took long to read it again.
            entries[container] = LocalContainerNames.Entry(
                name: failure == .limited ? before?.name : nil,
                result: ContainerNameResult(failure), nextCall: call + distance,
                distance: distance)
        }
    }

    fileprivate mutating func count(_ living: Set<ModuleIdentity>) {
        results = ContainerNameResults()
        for container in living {
            results[entries[container]?.result ?? .limited] += 1
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
