/// Finds the names that people gave to containers.
package protocol ContainerNaming: Sendable {
    /// The names of containers, as far as they are known by now. A container without one is called by
    /// its ID: a later call may know more.
    ///
    /// It waits for no file: what is not found in a few milliseconds is left to later calls.
    ///
    /// - Parameter containers: All that live in a scrape. Others are forgotten.
    func names(of containers: [ContainerFacts]) -> [ModuleIdentity: ContainerName]

    /// How the containers of the last call fared.
    var results: ContainerNameResults { get }

    /// What kept names from being found, a sentence each, worded the same as long as it is the same.
    var problems: [String] { get }
}

/// A container that a name is wanted for.
package struct ContainerFacts: Sendable {
    /// The module that it is.
    package let module: ModuleIdentity
    package let container: ContainerIdentity
    /// Whether it runs below a user's service manager. That user can make cgroups of any name.
    package let isUsers: Bool
    /// A process in it; nil when none is known.
    package let process: ProcessID?

    /// Nil for what is no container, and for one that its cgroup names already: only IDs stand for
    /// names.
    package init?(_ module: ModuleIdentity, process: ProcessID?) {
        switch module {
        case .container(let container): (self.container, isUsers) = (container, false)
        case .userContainer(_, let container): (self.container, isUsers) = (container, true)
        default: return nil
        }
        guard container.hasLongID else { return nil }
        self.module = module
        self.process = process
    }
}

extension ContainerIdentity {
    /// Whether the ID is 64 hexadecimal digits in lower case: nothing else is looked up.
    fileprivate var hasLongID: Bool { id.count == 64 && id.isLowerHexadecimal }
}

/// What people call a container. All characters are those that its runtime allows in names.
package enum ContainerName: Hashable, Sendable {
    /// The name in its runtime, or the service that it is a part of: `web`, `shop/api`.
    case runtime(ContainerRuntime, [UInt8])
    case kubernetes(KubernetesName)
}

/// The names that Kubernetes has for a container.
package struct KubernetesName: Hashable, Sendable {
    package var namespace: [UInt8]
    package var pod: [UInt8]
    /// Nil where only the pod is known, as of the container that holds its network.
    package var container: [UInt8]?

    package init(namespace: [UInt8], pod: [UInt8], container: [UInt8]?) {
        self.namespace = namespace
        self.pod = pod
        self.container = container
    }
}

/// What came of looking for a container's name.
package enum ContainerNameResult: String, CaseIterable, Sendable {
    case named
    /// A right is missing.
    case denied
    /// No file that was read names it.
    case notFound = "not_found"
    /// What should name it is not what its runtime writes.
    case invalid
    /// There was no time, or a file is too large.
    case limited
}

/// How many containers there are by result.
package struct ContainerNameResults: Equatable, Sendable {
    private var counts: [ContainerNameResult: Int] = [:]

    package init() {}

    package subscript(result: ContainerNameResult) -> Int {
        get { counts[result] ?? 0 }
        set { counts[result] = newValue }
    }
}
