import Patterns
import TCPModel

/// Rules that name processes; the first that matches counts.
struct ModuleMap: Sendable {
    /// Each rule can cost a match of each pattern, for each new process.
    static let rulesMax = 256

    var rules: [ModuleRule] = []
}

/// A rule: what a process must be, and what its module is called then.
struct ModuleRule: Sendable {
    let name: NameTemplate
    /// Patterns of the executable's path, the command line and a cgroup's path; nil for any.
    let executable: Pattern?
    let command: Pattern?
    let cgroup: Pattern?
    /// Nil for any.
    let userID: UInt32?

    /// How a process was compared with one rule.
    enum Outcome {
        case match(name: [UInt8])
        case noMatch
        case unknown
    }

    /// Compares a process with the rule. What costs least is compared first, and the command line is
    /// read only if everything else matches.
    ///
    /// A service or a container has a name already: only a rule with a cgroup is about such processes,
    /// so that a rule about an executable does not reach into containers.
    func outcome(of facts: ProcessFacts, _ reader: inout FactReader) -> Outcome {
        if facts.hasModule, cgroup == nil { return .noMatch }
        var captures = Captures()
        if let executable {
            let outcome = captures.add(executable, [facts.executable])
            guard case .match = outcome else { return reader.note(outcome) }
        }
        var cgroupCaptures = Captures()
        if let cgroup {
            let outcome = cgroupCaptures.add(cgroup, facts.cgroups.map(\.path))
            guard case .match = outcome else { return reader.note(outcome) }
        }
        if let userID {
            guard let actual = reader.userID(of: facts.process) else { return .unknown }
            guard actual == userID else { return .noMatch }
        }
        if let command {
            guard let line = reader.commandLine(of: facts.process) else { return .unknown }
            let outcome = captures.add(command, [line])
            guard case .match = outcome else { return reader.note(outcome) }
        }
        captures.texts += cgroupCaptures.texts
        let bytes = name.text(captures.texts)
        return bytes.isEmpty ? .noMatch : .match(name: bytes)
    }
}

/// What the groups of a rule's patterns captured: executable, command and cgroup, in this order.
private struct Captures {
    var texts: [ArraySlice<UInt8>] = []

    /// Matches the first text that does.
    mutating func add(_ pattern: Pattern, _ candidates: [[UInt8]]) -> Pattern.Outcome {
        var worst = Pattern.Outcome.noMatch
        for text in candidates {
            let outcome = pattern.match(text)
            switch outcome {
            case .match(let groups):
                texts += groups.map { $0.map { text[$0] } ?? [] }
                return outcome
            case .tooCostly: worst = .tooCostly
            case .noMatch: continue
            }
        }
        return worst
    }
}
