import Foundation

/// A directory of a test's own, which is removed with the object. Paths are relative to it.
package final class FileTree {
    package let root: String
    private let files = FileManager.default

    /// In a file system in memory, a directory's size grows with its entries, as that of
    /// `/proc/PID/fd` does; the usual temporary directory is better for what is large.
    package init(inMemory: Bool = false) throws {
        let memory = "/dev/shm"
        // Without symbolic links, so that the kernel's names for what lies in it are the same.
        let parent =
            inMemory && files.fileExists(atPath: memory)
            ? memory : files.temporaryDirectory.resolvingSymlinksInPath().path
        root = "\(parent)/tcptable-\(UUID().uuidString)"
        try files.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { removeAll() }

    package func path(_ name: String) -> String { name.isEmpty ? root : "\(root)/\(name)" }

    /// Writes a file, and makes the directories above it.
    package func write(_ name: String, _ contents: [UInt8]) throws {
        try makeParent(of: name)
        try Data(contents).write(to: URL(fileURLWithPath: path(name)))
    }

    package func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8))
    }

    /// Makes a symbolic link, and the directories above it.
    package func link(_ name: String, to target: String) throws {
        try makeParent(of: name)
        try files.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    package func makeDirectory(_ name: String) throws {
        try files.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    /// Removes a file, or a directory and all that is in it.
    package func remove(_ name: String) throws {
        try files.removeItem(atPath: path(name))
    }

    package func removeAll() {
        try? files.removeItem(atPath: root)
    }

    /// Takes away everybody's right to open a file. A process with capabilities can still open it.
    package func forbid(_ name: String) throws {
        try files.setAttributes([.posixPermissions: 0], ofItemAtPath: path(name))
    }

    private func makeParent(of name: String) throws {
        let parent = URL(fileURLWithPath: path(name)).deletingLastPathComponent()
        try files.createDirectory(at: parent, withIntermediateDirectories: true)
    }
}

extension FileTree {
    /// A /proc that shows two of the host's processes, the first one and this one: a scrape of it makes
    /// a hundred system calls and not thousands.
    package static func ownProc() throws -> FileTree {
        let tree = try FileTree()
        for name in ["1", "\(getpid())", "self", "thread-self", "sys", "stat"] {
            try tree.link(name, to: "/proc/\(name)")
        }
        return tree
    }
}
