/// Why a connection has no module, with the meaning that the Win32 API gives it.
public enum UnattributedReason: UInt8, CaseIterable, Sendable {
    /// The connection has no owning process, or none in this PID namespace.
    case notFound
    /// A process that may not be looked into could be the owner.
    case protected
    /// The owner went away between two reads.
    case partial
    /// Several owners are possible, and nothing tells which it is.
    case ambiguous
    /// The kernel itself holds the socket: nfsd, lockd, an NFS client.
    case kernel

    /// The value of the label `reason`.
    public var label: StaticString {
        switch self {
        case .notFound: "not_found"
        case .protected: "protected"
        case .partial: "partial"
        case .ambiguous: "ambiguous"
        case .kernel: "kernel"
        }
    }

    /// A dense index below `UnattributedReason.count`.
    package var index: Int { Int(rawValue) }

    /// How many reasons there are.
    package static let count = 5
}
