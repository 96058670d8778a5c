import Linux
import SystemPackage
import TCPModel

/// Looks some containers up on a thread of its own, which is given up when it does not get on.
///
/// No file system can hold up the caller. A thread that is given up ends with the file that it waits
/// for.
final class LookupBatch: Sendable {
    typealias Outcome = Result<ContainerName, LookupFailure>

    private struct State {
        var outcomes: [Outcome] = []
        var isGivenUp = false
        var isEnded = false
    }

    let containers: [ContainerFacts]
    private let state = ConditionLock(State())

    init(_ containers: [ContainerFacts]) {
        self.containers = containers
    }

    /// Whether the thread has ended.
    var isEnded: Bool { state.update { $0.isEnded } }

    /// Looks up as many as there is time for, in their order, and returns what was found.
    func run(
        _ sources: ContainerSources, within timeMax: Duration
    ) throws(Errno) -> [Outcome] {
        _ = try Thread { [self] in
            let snapshot = sources.snapshot()
            for container in containers {
                let outcome: Outcome
                do throws(LookupFailure) {
                    outcome = .success(try snapshot.name(of: container))
                } catch {
                    outcome = .failure(error)
                }
                let isGivenUp = state.update { state in
                    if !state.isGivenUp { state.outcomes.append(outcome) }
                    return state.isGivenUp
                }
                if isGivenUp { break }
            }
            state.update { $0.isEnded = true }
        }
        let all: [Outcome]? = state.wait(until: .now + timeMax) { state in
            state.isEnded ? state.outcomes : nil
        }
        return all
            ?? state.update { state in
                state.isGivenUp = true
                return state.outcomes
            }
    }
}
