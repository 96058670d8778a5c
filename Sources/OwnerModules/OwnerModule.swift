/// What a person would name when asked "whose connection is it?": a systemd service, a container,
/// else the executable.
public struct OwnerModule: Hashable, Sendable {
    /// `nginx.service`, `docker-0123456789ab`, `python3.11`: at most 128 bytes, and chosen by the owner:
    /// any text.
    public var name: String
    /// What the name names.
    public var kind: Kind

    /// What a module can be.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// A systemd service.
        case service
        /// A container of any runtime.
        case container
        /// An executable outside of both.
        case process
        /// Modules beyond the exporter's limit, taken together.
        case other

        /// The value of the label `kind`.
        public var label: StaticString {
            switch self {
            case .service: "service"
            case .container: "container"
            case .process: "process"
            case .other: "other"
            }
        }
    }

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

extension OwnerModule: Comparable {
    /// By name, then kind: the order of an exposition.
    public static func < (a: OwnerModule, b: OwnerModule) -> Bool {
        a.name == b.name ? a.kind.rawValue < b.kind.rawValue : a.name < b.name
    }
}

/// Why a connection has no module, with the meaning that the Win32 API gives it.
public enum UnattributedReason: UInt8, CaseIterable, Sendable {
    /// The connection has no owning process, or none that this PID namespace shows.
    case notFound
    /// A process that we may not look into could be the owner.
    case protected
    /// The owner went away between two reads.
    case partial

    /// The value of the label `reason`.
    public var label: StaticString {
        switch self {
        case .notFound: "not_found"
        case .protected: "protected"
        case .partial: "partial"
        }
    }

    /// A dense index below `UnattributedReason.count`.
    package var index: Int { Int(rawValue) }

    /// How many reasons there are.
    package static let count = 3
}
