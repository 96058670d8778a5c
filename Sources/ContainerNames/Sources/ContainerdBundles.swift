import TCPModel

/// Containers of containerd, by the OCI configuration in each one's bundle
/// (`io.containerd.runtime.v2.task/NAMESPACE/ID/config.json`).
struct ContainerdBundles {
    /// containerd's state directory, `/run/containerd`.
    let root: String

    static let byteCountMax = 1 << 20
    /// Namespaces that are looked through: hosts have one to three.
    static let namespacesMax = 64

    func name(of id: [UInt8]) throws(LookupFailure) -> ContainerName {
        let tasks = try TrustedDirectory("\(root)/io.containerd.runtime.v2.task")
        var failure = LookupFailure.notFound
        for namespace in try tasks.names(countMax: Self.namespacesMax) {
            do throws(LookupFailure) {
                let bundle = try tasks.directory(namespace).directory(id)
                let file = try bundle.contents(
                    of: Array("config.json".utf8), byteCountMax: Self.byteCountMax)
                return try Self.name(file)
            } catch {
                if error != .notFound { failure = error }
            }
        }
        throw failure
    }

    private static func name(_ file: [UInt8]) throws(LookupFailure) -> ContainerName {
        guard let text = JSONText(file) else { throw .invalid }
        if let namespace = text.string("annotations", "io.kubernetes.cri.sandbox-namespace"),
            let pod = text.string("annotations", "io.kubernetes.cri.sandbox-name")
        {
            let container = text.string("annotations", "io.kubernetes.cri.container-name")
            guard let name = KubernetesName(checking: namespace, pod: pod, container: container)
            else { throw .invalid }
            return .kubernetes(name)
        }
        guard let name = text.string("annotations", "nerdctl/name") else { throw .notFound }
        guard name.isRuntimeName else { throw .invalid }
        return .runtime(.containerd, name)
    }
}
