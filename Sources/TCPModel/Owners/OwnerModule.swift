/// What a person would name when asked "whose connection is it?": a systemd service, a container,
/// or else the executable.
///
/// Two modules are equal when the bytes of their names are: names that differ only in how Unicode
/// composes a character are different modules.
public struct OwnerModule: Sendable {
    /// `nginx.service`, `docker-0123456789ab`, `python3.11`: at most 128 bytes of any text, because the
    /// owner chooses it.
    public var name: String
    /// What the name refers to.
    public var kind: Kind

    /// The kinds of modules.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// A service of the system's systemd.
        case service
        /// A container of any runtime.
        case container
        /// A service of a user's systemd. Its name begins with the UID: `1000/syncthing.service`.
        case userService
        /// A container below a user's systemd. Its name begins with the UID.
        case userContainer
        /// An executable outside of all these.
        case process
        /// The modules beyond the exporter's limit, taken together.
        case other

        /// The value of the label `kind`.
        public var label: StaticString {
            switch self {
            case .service: "service"
            case .container: "container"
            case .userService: "user_service"
            case .userContainer: "user_container"
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

extension OwnerModule: Hashable, Comparable {
    /// Whether kind and name are equal, the names byte by byte.
    public static func == (a: OwnerModule, b: OwnerModule) -> Bool {
        a.kind == b.kind && a.name.utf8.elementsEqual(b.name.utf8)
    }

    /// Hashes the bytes of the name, and the kind.
    public func hash(into hasher: inout Hasher) {
        var name = name
        name.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(kind)
    }

    /// By the bytes of the name, then by kind: the order of an exposition.
    public static func < (a: OwnerModule, b: OwnerModule) -> Bool {
        if a.name.utf8.elementsEqual(b.name.utf8) { return a.kind.rawValue < b.kind.rawValue }
        return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
}
