/// A process, by its number in the PID namespace that the mounted procfs shows.
package struct ProcessID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    package static func < (a: ProcessID, b: ProcessID) -> Bool { a.rawValue < b.rawValue }

    /// The first process of the PID namespace: systemd, or a container's entry point.
    package static let initial = ProcessID(rawValue: 1)
}

// The next two are made for each row of a table. They are public so that other modules inline them.

/// A socket's inode number, which the link `/proc/PID/fd/N` shows as `socket:[INODE]`. The kernel
/// reuses it after the socket's life.
public struct SocketInode: Hashable, Sendable {
    /// The kernel's number.
    public let rawValue: UInt32

    /// The socket with the number.
    @inlinable public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// What the kernel reports for a socket without a descriptor.
    package static let none = SocketInode(rawValue: 0)
}

/// A cgroup v2 directory, by its inode number.
public struct CgroupID: Hashable, Sendable {
    /// The inode number of its directory.
    public let rawValue: UInt64

    /// The cgroup with the number.
    @inlinable public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
