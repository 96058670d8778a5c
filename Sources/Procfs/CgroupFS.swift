import CLinux
import Glibc
import SystemPackage

/// A mounted cgroup v2 file system (`man 7 cgroups`): directories by their inode numbers, which the
/// kernel gives as `INET_DIAG_CGROUP_ID`.
package struct CgroupFS: Sendable {
    /// `CGROUP2_SUPER_MAGIC`, `linux/magic.h`.
    private static let magic = 0x6367_7270

    /// Deeper than any real hierarchy: a bound for the walk, not a promise.
    private static let depthMax = 64

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

    /// The path of each directory below the root, by inode number; directories that cannot be read
    /// are passed over with what they hold.
    package func paths(_ listing: DirectoryListing) -> [CgroupID: [UInt8]] {
        guard let root else { return [:] }
        var paths: [CgroupID: [UInt8]] = [:]
        var level: [[UInt8]] = [[]]
        for _ in 0..<Self.depthMax where !level.isEmpty {
            var next: [[UInt8]] = []
            for parent in level {
                try? listing.forEachEntry(in: Self.directory(root, parent)) { entry, name in
                    guard entry.isDirectory else { return }
                    let path = parent + [UInt8(ascii: "/")] + name.array
                    paths[CgroupID(rawValue: entry.inode)] = path
                    next.append(path)
                }
            }
            level = next
        }
        return paths
    }

    /// A file path keeps bytes that are no UTF-8.
    private static func directory(_ root: String, _ path: [UInt8]) -> FilePath {
        let name = (Array(root.utf8) + path + [0]).map(CChar.init(bitPattern:))
        return FilePath(platformString: name)
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
