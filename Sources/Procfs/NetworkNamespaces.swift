import CLinux
import Glibc
import Linux
import SystemPackage
package import TCPModel

extension ProcFS {
    package func networkNamespaces() throws(FileError) -> NetworkNamespaces {
        try networkNamespaces(named: "/run/netns")
    }

    /// Finds the namespaces that have a name, or a process that the mount shows.
    ///
    /// - Parameter directory: Where `ip netns` mounts the named ones.
    func networkNamespaces(named directory: String) throws(FileError) -> NetworkNamespaces {
        let own = try NamespaceFile("\(root)/thread-self/ns/net")
        var deniedProcessCount = 0
        var found: [UInt64: NetworkNamespace] = [:]
        for (name, path) in try Self.names(in: directory) {
            // A name whose mount is gone is a plain file, on another device.
            guard let file = try NamespaceFile(visible: path), file.device == own.device
            else { continue }
            found[file.inode] = NetworkNamespace(inode: file.inode, name: name, path: path)
        }
        for process in try processes() {
            let path = "\(root)/\(process)/ns/net"
            do throws(FileError) {
                let inode = try NamespaceFile(path).inode
                guard inode != own.inode, found[inode]?.name == nil else { continue }
                found[inode, default: NetworkNamespace(inode: inode, name: nil, path: path)]
                    .processes.append(process)
            } catch {
                if error.isDenied { deniedProcessCount += 1 } else if !error.isGone { throw error }
            }
        }
        found.merge(try namespacesOfThreads()) { known, _ in known }
        let ownName = found.removeValue(forKey: own.inode)?.name
        var namespaces = NetworkNamespaces(
            others: found.values.map(Self.withUser)
                .sorted { ($0.label, $0.inode) < ($1.label, $1.inode) },
            deniedProcessCount: deniedProcessCount)
        namespaces.ownName = ownName
        return namespaces
    }

    /// A namespace without a name is its user's.
    private static func withUser(_ namespace: NetworkNamespace) -> NetworkNamespace {
        guard namespace.name == nil, let file = try? openFile(namespace.path) else {
            return namespace
        }
        var namespace = namespace
        unsafe clinux_namespace_user(file.rawValue, &namespace.userID)
        return namespace
    }

    /// The entries of the directory in order; of two names of one namespace the last one counts. None where
    /// there is no directory, or it may not be read.
    private static func names(
        in directory: String
    ) throws(FileError) -> [(name: String, path: String)] {
        var names: [(name: String, path: String)] = []
        do throws(FileError) {
            let entries = try DirectoryStream(directory)
            while let entry = try entries.next() {
                let name = String(decoding: entries.name(of: entry), as: UTF8.self)
                names.append((name, "\(directory)/\(name)"))
            }
        } catch {
            guard error.isGone || error.isDenied else { throw error }
        }
        return names.sorted { $0.name > $1.name }
    }
}

/// What `stat(2)` says of a file that stands for a namespace.
struct NamespaceFile {
    let device: UInt64
    let inode: UInt64

    init(_ path: String) throws(FileError) {
        var status = stat()
        do throws(Errno) {
            try systemCall { unsafe stat(path, &status) }
        } catch {
            throw FileError(.open, path, error)
        }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Nil where it is gone, or may not be looked at.
    init?(visible path: String) throws(FileError) {
        do throws(FileError) {
            try self.init(path)
        } catch {
            guard error.isGone || error.isDenied else { throw error }
            return nil
        }
    }
}
