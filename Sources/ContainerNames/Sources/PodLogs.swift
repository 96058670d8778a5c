import TCPModel

/// Kubernetes' containers of any runtime, by the names of the log files that the kubelet makes: to list
/// them takes no right. One snapshot.
struct PodLogs {
    /// `/var/log`: the directories `containers` and `pods` in it.
    let root: String

    /// Entries of a directory that are read: a node has a few hundred.
    static let entriesMax = 16_384
    /// Digits of an ID that are enough: the kubelet cuts names of 255 bytes at the end.
    static let idDigitsMin = 12

    /// What the names end with, by the first digits of IDs.
    private let containers: [[UInt8]: [Entry]]
    /// Pods by UID.
    private let pods: [[UInt8]: KubernetesName]

    private struct Entry {
        /// The ID, or as much of it as fitted.
        let id: [UInt8]
        let name: KubernetesName
    }

    init(root: String) {
        self.root = root
        var containers: [[UInt8]: [Entry]] = [:]
        for name in Self.names("\(root)/containers") {
            guard let entry = Self.containerEntry(name) else { continue }
            containers[Array(entry.id.prefix(Self.idDigitsMin)), default: []].append(entry)
        }
        self.containers = containers
        pods = Dictionary(Self.names("\(root)/pods").compactMap(Self.podEntry)) { first, _ in first
        }
    }

    /// A container's name; nil where none is known, or several.
    func name(of id: [UInt8]) -> KubernetesName? {
        let entries = containers[Array(id.prefix(Self.idDigitsMin))] ?? []
        let names = Set(entries.filter { id.starts(with: $0.id) }.map(\.name))
        return names.count == 1 ? names.first : nil
    }

    /// The pod of a UID, which systemd's cgroups write with `_` for `-`.
    func pod(_ uid: [UInt8]) -> KubernetesName? { pods[Self.normalized(uid)] }

    /// Without the directory there are no names: it is missing on hosts without Kubernetes.
    private static func names(_ path: String) -> [[UInt8]] {
        do throws(LookupFailure) {
            return try TrustedDirectory(path).names(countMax: entriesMax)
        } catch {
            return []
        }
    }

    /// `POD_NAMESPACE_CONTAINER-ID.log`.
    private static func containerEntry(_ name: [UInt8]) -> Entry? {
        let suffix = ".log".utf8
        guard name.suffix(suffix.count).elementsEqual(suffix) else { return nil }
        let stem = name.dropLast(suffix.count)
        guard let dash = stem.lastIndex(of: UInt8(ascii: "-")) else { return nil }
        let id = Array(stem[(dash + 1)...])
        let parts = stem[..<dash].split(
            separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard (idDigitsMin...64).contains(id.count), id.isLowerHexadecimal, parts.count == 3,
            let name = KubernetesName(
                checking: parts[1], pod: parts[0], container: Array(parts[2]))
        else { return nil }
        return Entry(id: id, name: name)
    }

    /// `NAMESPACE_POD_UID`.
    private static func podEntry(_ name: [UInt8]) -> ([UInt8], KubernetesName)? {
        let parts = name.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[2].isEmpty,
            let name = KubernetesName(checking: parts[0], pod: parts[1], container: nil)
        else { return nil }
        return (normalized(Array(parts[2])), name)
    }

    private static func normalized(_ uid: [UInt8]) -> [UInt8] {
        uid.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
    }
}
