package import TCPModel

/// The tables of some network namespaces, whose owners were found with one search.
package struct NamespaceTables {
    /// Those that could be read, in the order in which they were asked for.
    package var tables: [NamespaceTable] = []
    /// What could not be known of them, a sentence each.
    package var problems: [String] = []
}

/// The table of one network namespace.
package struct NamespaceTable {
    /// Nil is the caller's own.
    package var namespace: NetworkNamespace?
    package var table: TCPTable
    /// The names of the interfaces that sockets are bound to, by index.
    package var interfaces: [UInt32: String]
    /// Where sockets listen, those included that were not wanted.
    package var listeners: [ListeningPlace]
}

/// An address and port that a socket listens on.
package struct ListeningPlace: Hashable, Sendable {
    package var local: TCPEndpoint
    package var family: AddressFamily

    package init(local: TCPEndpoint, family: AddressFamily) {
        self.local = local
        self.family = family
    }
}

/// Which network namespaces are read, and how they are entered.
package struct NamespaceScope {
    /// Nil is the caller's own.
    package var namespaces: [NetworkNamespace?]
    private let host: (any HostInformation)?

    /// The caller's own.
    package static var own: NamespaceScope { NamespaceScope([nil], host: nil) }

    /// - Parameter host: Enters the namespaces; nil if there are none but the caller's own.
    package init(_ namespaces: [NetworkNamespace?], host: (any HostInformation)?) {
        self.namespaces = namespaces
        self.host = host
    }

    /// Runs the closure in a namespace.
    package func enter(
        _ namespace: NetworkNamespace?, _ body: () -> Void
    ) throws(FileError) {
        guard let namespace, let host else { return body() }
        try host.enter(namespace, body)
    }

    /// What is said of a namespace that could not be read; nil of one that is gone by now.
    package static func problem(_ namespace: NetworkNamespace, _ error: FileError) -> String? {
        error.isGone
            ? nil
            : "cannot read network namespace \(namespace.label): \(error)"
                + (error.isDenied ? " (CAP_SYS_ADMIN is needed)" : "")
    }
}

extension NetworkNamespace? {
    /// What the problems of a namespace's table begin with.
    package var problemPrefix: String { map { "network namespace \($0.label): " } ?? "" }
}
