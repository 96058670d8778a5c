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
    package var processes: Set<Int32> = []
    /// Each a module's name, raw or as the listing shows it, `KIND:NAME`, a name with `*` for any
    /// characters, or a reason in parentheses.
    package var modules: Set<String> = []

    package init() {}

    /// Whether the row passes the filters that need no owner.
    package func contains(_ connection: borrowing TCPConnection) -> Bool {
        if !states.isEmpty, !states.contains(connection.state) { return false }
        if !families.isEmpty, !families.contains(connection.family) { return false }
        if !offloadStates.isEmpty, !offloadStates.contains(connection.offloadState) {
            return false
        }
        if ports.isEmpty { return true }
        if ports.contains(connection.localPort) { return true }
        return ports.contains(connection.remotePort)
    }

    /// Whether any filter needs the row's owner.
    package var needsOwners: Bool { !processes.isEmpty || !modules.isEmpty }

    /// Whether the row passes the filters that need its owner.
    package func contains(ownerOf row: TCPRow) -> Bool {
        if !processes.isEmpty, !(row.process.map { processes.contains($0.id) } ?? false) {
            return false
        }
        return modules.isEmpty || contains(row.module, row.unattributedReason)
    }

    /// Whether the name consists of the pattern's parts between asterisks, in their order, with anything
    /// between them. A pattern without an asterisk matches nothing.
    private static func matches(_ name: String.UTF8View, _ pattern: String.UTF8View) -> Bool {
        var parts = pattern.split(
            separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)[...]
        var rest = Array(name)[...]
        guard parts.count > 1, let first = parts.popFirst(), let last = parts.popLast(),
            rest.starts(with: first)
        else { return false }
        rest = rest.dropFirst(first.count)
        for part in parts where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    private func contains(_ module: OwnerModule?, _ reason: UnattributedReason?) -> Bool {
        guard let module else {
            return reason.map { modules.contains("(\($0.label))") } ?? false
        }
        if modules.contains(module.name) || modules.contains("\(module.kind.label):\(module.name)")
        {
            return true
        }
        if modules.contains(where: { Self.matches(module.name.utf8, $0.utf8) }) { return true }
        var shown: [UInt8] = []
        _ = shown.append(visible: module.name, .utf8)
        return modules.contains(String(decoding: shown, as: UTF8.self))
    }
}
