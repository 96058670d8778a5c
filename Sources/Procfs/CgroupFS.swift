import CLinux
import Glibc
import Linux
import SystemPackage
package import TCPModel

/// A mounted cgroup v2 file system (`man 7 cgroups`): directories by their inode numbers, which the
/// kernel gives as `INET_DIAG_CGROUP_ID`.
package struct CgroupFS: CgroupDirectories {
    /// `CGROUP2_SUPER_MAGIC`, `linux/magic.h`.
    private static let magic = 0x6367_7270

    /// Deeper than any real hierarchy: a bound for the walk, not a promise.
    private static let depthMax = 64
    /// How many directories one walk reads, some 100 ms.
    private static let directoriesMax = 8192

    /// Where cgroup v2 is mounted; nil on a host that has only v1.
    package let root: String?

    /// The root itself: on a hybrid host most sockets are made in it.
    package let rootID: CgroupID?

    /// - Parameter mount: Where cgroups are mounted, `/sys/fs/cgroup` by custom. Cgroup v2 is there
    ///   itself, or in `unified` beside the v1 hierarchies.
    package init(mount: String = "/sys/fs/cgroup") {
        let found = [mount, mount + "/unified"].first(where: Self.isCgroupV2)
        root = found
        rootID = found.flatMap(Self.identifier)
    }

    /// Whether the host has cgroup v2, though maybe not at the mount point: then `/proc/self/cgroup` has a
    /// line for it (`man 7 cgroups`).
    package static func isOnHost(_ procfs: ProcFS) -> Bool {
        guard let contents = try? readFile("\(procfs.root)/self/cgroup") else { return false }
        return contents.lines.contains { $0.starts(with: "0::".utf8) }
    }

    /// Opens each directory by its ID, where that is permitted (`CAP_DAC_READ_SEARCH`); else walks the
    /// tree. Either way the cost of IDs that do not exist is bounded, however many cgroups a user makes.
    package func paths(of ids: Set<CgroupID>) -> [CgroupID: [UInt8]] {
        guard let root, !ids.isEmpty else { return [:] }
        return Self.openedPaths(of: ids, root) ?? Self.walkedPaths(of: ids, root)
    }

    package func contains(_ path: [UInt8]) -> Bool {
        guard let root else { return false }
        return (try? DirectoryStream(root, path)) != nil
    }

    /// Nil where the kernel does not permit it, or has mounted the file system elsewhere.
    private static func openedPaths(
        of ids: Set<CgroupID>, _ root: String
    ) -> [CgroupID: [UInt8]]? {
        guard let mount = try? Descriptor(opening: root, O_RDONLY | O_DIRECTORY) else { return nil }
        let number = mount.rawValue
        let prefix = Array(root.utf8)
        var found: [CgroupID: [UInt8]] = [:]
        for id in ids {
            do throws(Errno) {
                let directory = Descriptor(
                    owning: try systemCall { clinux_open_cgroup(number, id.rawValue) })
                guard let path = try? readLink("/proc/self/fd/\(directory.rawValue)"),
                    path.starts(with: prefix)
                else { return nil }
                // The root is no cgroup below it.
                if path.count > prefix.count { found[id] = Array(path.dropFirst(prefix.count)) }
            } catch {
                guard error == .staleNFSFileHandle else { return nil }
            }
        }
        return found
    }

    /// Nearest to the root first, until all are found; directories that cannot be read are skipped
    /// together with what they hold.
    private static func walkedPaths(
        of ids: Set<CgroupID>, _ root: String
    ) -> [CgroupID: [UInt8]] {
        var found: [CgroupID: [UInt8]] = [:]
        var level: [[UInt8]] = [[]]
        var directoryCount = 0
        for _ in 0..<depthMax where !level.isEmpty {
            var next: [[UInt8]] = []
            for parent in level where directoryCount < directoriesMax {
                directoryCount += 1
                for (id, path) in children(of: parent, root) {
                    if ids.contains(id) { found[id] = path }
                    next.append(path)
                }
                if found.count == ids.count { return found }
            }
            level = next
        }
        return found
    }

    private static func children(
        of parent: [UInt8], _ root: String
    ) -> [(id: CgroupID, path: [UInt8])] {
        var children: [(id: CgroupID, path: [UInt8])] = []
        guard let entries = try? DirectoryStream(root, parent) else { return [] }
        while let entry = try? entries.next() {
            guard entry.isDirectory else { continue }
            let path = parent + [UInt8(ascii: "/")] + entries.name(of: entry)
            children.append((CgroupID(rawValue: entry.inode), path))
        }
        return children
    }

    private static func identifier(_ path: String) -> CgroupID? {
        var status = stat()
        guard retryingOnInterrupt({ unsafe stat(path, &status) }) == 0 else { return nil }
        return CgroupID(rawValue: UInt64(status.st_ino))
    }

    private static func isCgroupV2(_ path: String) -> Bool {
        var fileSystem = statfs()
        let isFound = retryingOnInterrupt { unsafe statfs(path, &fileSystem) } == 0
        return isFound && Int(fileSystem.f_type) == magic
    }
}

extension DirectoryStream {
    /// Opens a cgroup; its path may hold bytes that are not UTF-8.
    fileprivate convenience init(_ root: String, _ path: [UInt8]) throws(FileError) {
        let name = Array(root.utf8) + path + [0]
        let text = String(decoding: name.dropLast(), as: UTF8.self)
        do throws(Errno) {
            let directory = try Descriptor(
                opening: name.map(CChar.init(bitPattern:)), O_RDONLY | O_DIRECTORY)
            self.init(directory, text)
        } catch {
            throw FileError(.open, text, error)
        }
    }
}
