import Glibc
import SystemPackage

/// A network namespace (`man 7 network_namespaces`), and a way to it.
package struct NetworkNamespace: Hashable, Sendable {
    /// The inode number of its file in nsfs, by which it is known: never two at the same time have it.
    package var inode: UInt64
    /// The name that `ip netns` gives it; nil when it has none.
    package var name: String?
    /// A file that stands for it: `/run/netns/NAME`, or `/proc/PID/ns/net` of a process in it.
    package var path: String

    /// Whether both are the same namespace under the same name, whatever leads to them.
    package func isSame(as other: NetworkNamespace) -> Bool {
        inode == other.inode && name == other.name
    }

    /// The value of the label `netns`.
    package var label: String { name ?? String(inode) }
}

/// The network namespaces of the host, but for the caller's own.
package struct NetworkNamespaces: Sendable {
    /// Sorted by label.
    package private(set) var others: [NetworkNamespace] = []
    /// Processes whose namespace we may not know.
    package private(set) var deniedProcessCount = 0

    /// Finds the namespaces that have a name, or a process that the mount shows.
    ///
    /// - Parameter directory: Where `ip netns` mounts the named ones.
    package init(
        _ procfs: ProcFS, _ listing: DirectoryListing, named directory: String = "/run/netns"
    ) throws(FileError) {
        let ownPath = "\(procfs.root)/thread-self/ns/net"
        let own = try NamespaceFile(ownPath)
        var found: [UInt64: NetworkNamespace] = [:]
        for (name, path) in Self.names(in: directory, listing) {
            // A name whose mount is gone is a plain file, on another device.
            guard let file = try? NamespaceFile(path), file.device == own.device else { continue }
            found[file.inode] = NetworkNamespace(inode: file.inode, name: name, path: path)
        }
        for process in try procfs.processes(listing) {
            let path = "\(procfs.root)/\(process)/ns/net"
            do throws(FileError) {
                let inode = try NamespaceFile(path).inode
                if found[inode] == nil {
                    found[inode] = NetworkNamespace(inode: inode, name: nil, path: path)
                }
            } catch {
                if error.isDenied { deniedProcessCount += 1 }
            }
        }
        found[own.inode] = nil
        others = found.values.sorted { ($0.label, $0.inode) < ($1.label, $1.inode) }
    }

    /// The entries of the directory in order; of two names of one namespace the last one counts.
    private static func names(
        in directory: String, _ listing: DirectoryListing
    ) -> [(name: String, path: String)] {
        var names: [(name: String, path: String)] = []
        try? listing.forEachEntry(in: FilePath(directory)) { _, name in
            let name = String(decoding: name.array, as: UTF8.self)
            names.append((name, "\(directory)/\(name)"))
        }
        return names.sorted { $0.name > $1.name }
    }
}

/// What `stat(2)` says of a file that stands for a namespace.
private struct NamespaceFile {
    let device: UInt64
    let inode: UInt64

    init(_ path: String) throws(FileError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw FileError(.open, path, Errno(rawValue: errno))
        }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
