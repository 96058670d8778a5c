import Foundation
import SystemPackage
import TestSupport

@testable import Procfs

/// A directory of a test's own, removed with the object.
final class TemporaryDirectory {
    let path: String

    init() throws {
        // Whole, so that the kernel's names for what lies in it are the same.
        let parent = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
        path = "\(parent)/procfs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and the directories above it.
    func write(_ name: String, _ contents: [UInt8]) throws {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(contents).write(to: file)
    }

    func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8))
    }

    /// Makes a symbolic link, and the directories above it.
    func link(_ name: String, to target: String) throws {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: file.path, withDestinationPath: target)
    }
}

/// This process.
let ownProcess = ProcessID(rawValue: getpid())

/// Lends a text as bytes.
func withSpan<T>(_ text: String, _ body: (RawSpan) -> T) -> T {
    let bytes = Array(text.utf8)
    return unsafe body(bytes.span.bytes)
}

/// The sockets that a process holds, in the order of their descriptors.
func sockets(of process: ProcessID, _ procfs: ProcFS = ProcFS()) throws(FileError) -> [SocketInode]
{
    var sockets: [SocketInode] = []
    try procfs.descriptors(of: process).forEachSocket(DirectoryListing()) { socket, _ in
        sockets.append(socket)
    }
    return sockets
}
