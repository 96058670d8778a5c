import Owners
package import TCPModel
package import TCPTable

/// Which rows are listed: those that match one value of every set that is not empty.
package struct RowFilter: Sendable {
    package var states: Set<TCPState> = []
    package var families: Set<AddressFamily> = []
    package var offloadStates: Set<OffloadState> = []
    /// Local or remote ports.
    package var ports: Set<UInt16> = []
    package var locals: [EndpointPattern] = []
    package var remotes: [EndpointPattern] = []
    package var users: Set<UInt32> = []
    package var processes: Set<Int32> = []
    /// Programs by the name that the listing shows, or the name of their executable.
    package var programs: [GlobPattern] = []
    /// Each a module's name, raw or as the listing shows it, `KIND:NAME`, a pattern, or a reason in
    /// parentheses.
    package var modules: Set<String> = []

    package init() {}

    /// The filters that need no owner.
    enum Criterion: Int, CaseIterable {
        case state
        case family
        case offload
        case port
        case local
        case remote
        case user
    }

    /// Whether the row passes one of the filters that need no owner.
    func matches(_ criterion: Criterion, _ row: borrowing TCPConnection) -> Bool {
        switch criterion {
        case .state: Self.matches(states, row.state)
        case .family: Self.matches(families, row.family)
        case .offload: Self.matches(offloadStates, row.offloadState)
        case .port: Self.matches(ports, row.localPort, row.remotePort)
        case .local: Self.matches(locals, row.localAddress, row.localPort)
        // A listener has no remote side.
        case .remote:
            remotes.isEmpty
                ? true
                : row.remotePort == 0
                    ? false : Self.matches(remotes, row.remoteAddress, row.remotePort)
        case .user: Self.matches(users, row.knownUserID)
        }
    }

    private static func matches<Value: Hashable>(_ set: Set<Value>, _ value: Value?) -> Bool {
        set.isEmpty || value.map(set.contains) == true
    }

    private static func matches(_ set: Set<UInt16>, _ local: UInt16, _ remote: UInt16) -> Bool {
        set.isEmpty || set.contains(local) || set.contains(remote)
    }

    private static func matches(
        _ patterns: [EndpointPattern], _ address: IPAddress, _ port: UInt16
    ) -> Bool {
        patterns.isEmpty || patterns.contains { $0.contains(address, port) }
    }

    /// Whether there are filters that need no owner.
    var isSelective: Bool {
        !(states.isEmpty && families.isEmpty && offloadStates.isEmpty && ports.isEmpty
            && locals.isEmpty && remotes.isEmpty && users.isEmpty)
    }

    /// Whether any filter needs the row's owner.
    package var needsOwners: Bool { !processes.isEmpty || !programs.isEmpty || !modules.isEmpty }
}

// What an owner tells.
extension RowFilter {
    /// Whether the row passes the filters that need its owner.
    package func contains(ownerOf row: TCPRow) -> Bool {
        if !processes.isEmpty, !(row.process.map { processes.contains($0.id) } ?? false) {
            return false
        }
        if !programs.isEmpty, !programs.contains(where: { Self.matches($0, row) }) { return false }
        guard !modules.isEmpty else { return true }
        return modules.contains { Self.matches($0, row.module, row.unattributedReason) }
    }

    static func matches(_ program: GlobPattern, _ row: TCPRow) -> Bool {
        guard row.process != nil else { return false }
        if program.matches(row.program) { return true }
        let path = row.executablePath
        let file = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        return !file.isEmpty && program.matches(String(file))
    }

    static func matches(
        _ text: String, _ module: OwnerModule?, _ reason: UnattributedReason?
    ) -> Bool {
        guard let module else { return reason.map { text == "(\($0.label))" } ?? false }
        if text == module.name || text == "\(module.kind.label):\(module.name)" { return true }
        if text.utf8.contains(UInt8(ascii: "*")) || text.utf8.contains(UInt8(ascii: "?")),
            GlobPattern(text).matches(module.name)
        {
            return true
        }
        return text == visibleName(module.name)
    }
}

extension TCPConnection {
    /// The user who created the socket. The kernel no longer knows it, and says 0, of a connection that no
    /// descriptor refers to.
    var knownUserID: UInt32? { inode == nil && userID == 0 ? nil : userID }
}

/// A name as the listing shows it.
func visibleName(_ name: String) -> String {
    var shown: [UInt8] = []
    _ = shown.append(visible: name, .utf8)
    return String(decoding: shown, as: UTF8.self)
}
