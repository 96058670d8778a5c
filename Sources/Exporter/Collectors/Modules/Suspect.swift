import Exposition
import Owners
import TCPModel

/// A process that holds what can be a problem: for the page, as metrics name no processes.
struct Suspect: Sendable {
    /// What it holds, by the labels of its series.
    enum Subject: Hashable, Sendable {
        /// Connections of a module in a state.
        case connections(module: LabelSet, TCPState)
        case listener(LabelSet)
    }

    var subject: Subject
    /// The label of the network namespace.
    var namespace: String
    /// Of several processes the one that holds the most.
    var process: ProcessID
    /// How many others hold some.
    var otherCount = 0
    /// The port that most unanswered connection attempts go to; nil where it is not known.
    var remotePort: UInt16?
}

/// Counts the connections of suspect modules by process. This costs nothing where no module is suspect.
struct SuspectTally {
    /// The states that can be a problem, and from how many connections on.
    private static let states: [(state: TCPState, threshold: AlertThreshold)] = [
        (.closeWait, .closeWaitLeak), (.synSent, .synSent), (.finWait2, .finWait2),
    ]

    private struct Key: Hashable {
        var module: OwnerModule
        var state: TCPState
    }

    /// The modules that members are counted by.
    private var modules: [ModuleIndex: ModuleDirectory.Exposed] = [:]
    private var counts: [Key: [ProcessID: UInt32]] = [:]
    /// Of unanswered connection attempts.
    private var ports: [OwnerModule: [UInt16: UInt32]] = [:]

    /// - Parameter modules: Those of one namespace, of which some may be suspect.
    init(_ modules: [ModuleDirectory.Counted]) {
        for module in modules where Self.isSuspect(module) {
            for member in module.exposed.members { self.modules[member] = module.exposed }
        }
    }

    var isEmpty: Bool { modules.isEmpty }

    /// Adds what one process holds.
    mutating func add(_ module: ModuleIndex, _ process: ProcessID, _ states: StateCounts) {
        guard let module = modules[module]?.module else { return }
        for (state, _) in Self.states where states[state.index] > 0 {
            counts[Key(module: module, state: state), default: [:]][process, default: 0] +=
                states[state.index]
        }
    }

    /// Adds one connection.
    mutating func add(_ module: ModuleIndex, _ process: ProcessID, _ state: TCPState) {
        var states = StateCounts(repeating: 0)
        states[state.index] = 1
        add(module, process, states)
    }

    /// Adds unanswered connection attempts to a port.
    mutating func add(_ module: ModuleIndex, port: UInt16, _ count: UInt32) {
        guard let module = modules[module]?.module else { return }
        ports[module, default: [:]][port, default: 0] += count
    }

    /// The process that holds the most of each.
    func suspects(in namespace: String) -> [Suspect] {
        let labels = Dictionary(
            modules.values.map { ($0.module, $0.labels) }, uniquingKeysWith: { first, _ in first })
        return counts.compactMap { key, processes in
            let most = processes.max { ($0.value, $1.key) < ($1.value, $0.key) }
            guard let most, let labels = labels[key.module] else { return nil }
            return Suspect(
                subject: .connections(module: labels, key.state), namespace: namespace,
                process: most.key, otherCount: processes.count - 1,
                remotePort: key.state == .synSent ? remotePort(key.module) : nil)
        }
    }

    private func remotePort(_ module: OwnerModule) -> UInt16? {
        ports[module]?.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    private static func isSuspect(_ module: ModuleDirectory.Counted) -> Bool {
        module.exposed.module.kind != .other
            && states.contains { state, threshold in
                threshold.isReached(by: Double(module.cells.states[state.index]))
            }
    }
}
