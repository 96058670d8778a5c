import Owners
import TCPModel

/// The container that a network namespace is of: that of the namespace's earliest process.
struct NamespaceContainer {
    /// How many processes of a namespace are looked at, the lowest numbers first. Numbers begin anew now and
    /// then, but the processes of so large a namespace are hardly those of several containers.
    static let processesMax = 64

    private var process: ProcessIdentity?
    /// Nil while it is of none.
    private(set) var module: ModuleIdentity?

    /// Looks again where that process is gone, or is in no container: a runtime moves it into its
    /// container's cgroup after it has made the namespace.
    ///
    /// - Parameter processes: Those in the namespace, by number.
    mutating func update(_ processes: [ProcessID], _ information: any ProcessInformation) {
        let isThere = process.map {
            processes.contains($0.process)
                && (try? information.identity(of: $0.process)) == $0
        }
        if isThere != true {
            process = Self.earliest(processes, information)
            module = nil
        }
        if module == nil {
            module = process.flatMap { Self.container(of: $0.process, information) }
        }
    }

    /// What a name is looked for by; nil where the container's cgroup has it, and for no container.
    var facts: ContainerFacts? {
        module.flatMap { ContainerFacts($0, process: process?.process) }
    }

    private static func earliest(
        _ processes: [ProcessID], _ information: any ProcessInformation
    ) -> ProcessIdentity? {
        processes.prefix(processesMax).compactMap { try? information.identity(of: $0) }
            .min { $0.precedes($1) }
    }

    private static func container(
        of process: ProcessID, _ information: any ProcessInformation
    ) -> ModuleIdentity? {
        guard let memberships = try? information.cgroups(of: process),
            let module = ModuleIdentity(memberships: memberships)
        else { return nil }
        switch module {
        case .container, .userContainer: return module
        default: return nil
        }
    }
}
