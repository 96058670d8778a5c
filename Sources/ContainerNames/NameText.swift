import TCPModel

extension [UInt8] {
    /// Whether it is a name that Docker, Podman and containerd give: letters, digits, and `_`, `.` and
    /// `-` after the first.
    var isRuntimeName: Bool {
        guard let first, first.isLetterOrDigit else { return false }
        return allSatisfy { $0.isLetterOrDigit || "_.-".utf8.contains($0) }
    }

    /// Whether Kubernetes gives such names: lower-case letters, digits, `-` and `.`.
    var isKubernetesName: Bool {
        !isEmpty
            && allSatisfy { byte in
                byte.isLetterOrDigit && !(0x41...0x5A).contains(byte) || "-.".utf8.contains(byte)
            }
    }
}

extension UInt8 {
    var isLetterOrDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}

extension KubernetesName {
    /// Nil if any of them is no name of Kubernetes'.
    init?(
        checking namespace: some Collection<UInt8>, pod: some Collection<UInt8>,
        container: [UInt8]?
    ) {
        let (namespace, pod) = (Array(namespace), Array(pod))
        guard namespace.isKubernetesName, pod.isKubernetesName,
            container?.isKubernetesName ?? true
        else { return nil }
        self.init(namespace: namespace, pod: pod, container: container)
    }

    /// From the name that the kubelet has its runtimes give: `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT`,
    /// where the container `POD` is the one that holds the pod's network.
    init?(runtimeName name: [UInt8]) {
        let parts = name.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].elementsEqual("k8s".utf8) else { return nil }
        let container = parts[1].elementsEqual("POD".utf8) ? nil : Array(parts[1])
        self.init(checking: parts[3], pod: parts[2], container: container)
    }
}
