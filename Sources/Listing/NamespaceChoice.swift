import TCPModel
import TCPTable

/// Which network namespaces are listed.
package enum NamespaceChoice: Equatable, Sendable {
    /// That of the command.
    case own
    /// That and all others which have a name or a visible process.
    case all
    /// The one with this name, or with this inode number.
    case named(String)

    package init(_ text: String) {
        self = text == "all" ? .all : .named(text)
    }

    /// Finds the namespaces.
    func scope(
        _ host: any HostInformation
    ) throws(ListingError) -> (scope: NamespaceScope, problems: [String]) {
        guard self != .own else { return (.own, []) }
        let found: NetworkNamespaces
        do throws(FileError) { found = try host.networkNamespaces() } catch {
            throw .namespace("cannot find network namespaces: \(error)")
        }
        if case .named(let name) = self {
            return (NamespaceScope([try Self.find(name, found)], host: host), [])
        }
        let others = found.chosenOthers
        var problems: [String] = []
        if found.others.count > others.count {
            problems.append(
                "\(found.others.count - others.count) network namespaces were not read: "
                    + "\(NetworkNamespaces.othersMax) is the most")
        }
        if found.deniedProcessCount > 0 {
            problems.append(
                "the network namespaces of some processes (\(found.deniedProcessCount)) are unknown "
                    + "(CAP_SYS_PTRACE is needed)")
        }
        return (NamespaceScope([nil] + others.map(Optional.some), host: host), problems)
    }

    private static func find(
        _ name: String, _ found: NetworkNamespaces
    ) throws(ListingError) -> NetworkNamespace? {
        if name == found.ownName { return nil }
        let match =
            found.others.first { $0.name == name }
            ?? found.others.first { String($0.inode) == name }
        guard let match else {
            let names = found.others.compactMap(\.name)
            throw .namespace(
                "no network namespace '\(name)'" + NearestNames.suffix(name, among: names)
                    + (names.isEmpty ? "; none has a name" : "")
                    + "; --netns all lists those of /run/netns and of all visible processes")
        }
        return match
    }
}
