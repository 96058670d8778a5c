import Foundation
import HostFakes
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Procfs

struct DirectoryStreamTests {
    @Test(arguments: [0, 1, 3, 2000])
    func everyEntryIsGivenOnce(_ count: Int) throws {
        let directory = try FileTree()
        // Longer names, so that 2,000 need several system calls.
        let names = (0..<count).map { "\($0)-" + String(repeating: "n", count: 100) }
        for name in names { try directory.write(name, "") }
        let found = try entries(directory.root)
        #expect(found.map(\.name).sorted() == names.sorted())
    }

    @Test func anEntryHasItsInodeAndItsKind() throws {
        let directory = try FileTree()
        try directory.write("file", "")
        try directory.write("sub/file", "")
        try directory.link("link", to: "sub")
        try directory.write(".hidden", "")
        try directory.write("..more", "")
        for entry in try entries(directory.root) {
            #expect(entry.isDirectory == (entry.name == "sub"))
            let attributes = try FileManager.default.attributesOfItem(
                atPath: directory.root + "/" + entry.name)
            #expect(attributes[.systemFileNumber] as? UInt64 == entry.inode)
        }
        #expect(try entries(directory.root).count == 5)
    }

    @Test func aDirectoryThatVanishesHasNoEntries() throws {
        let directory = try FileTree()
        try directory.write("sub/x", "")
        let path = directory.root + "/sub"
        let stream = try DirectoryStream(path)
        try FileManager.default.removeItem(atPath: path)
        let vanished = #expect(throws: FileError.self) { try stream.next() }
        #expect(vanished?.isGone == true)
        let error = #expect(throws: FileError.self) { try entries(path) }
        #expect(error == FileError(.open, path, .noSuchFileOrDirectory))
        #expect(error?.isGone == true)
    }

    @Test func whatIsNoDirectoryCannotBeListed() {
        #expect(throws: FileError(.open, "/dev/null", .notDirectory)) { try entries("/dev/null") }
    }
}

private struct Entry {
    let name: String
    let inode: UInt64
    let isDirectory: Bool
}

private func entries(_ path: String) throws -> [Entry] {
    var entries: [Entry] = []
    let stream = try DirectoryStream(path)
    while let entry = try stream.next() {
        entries.append(
            Entry(
                name: String(decoding: stream.name(of: entry), as: UTF8.self),
                inode: entry.inode, isDirectory: entry.isDirectory))
    }
    return entries
}
