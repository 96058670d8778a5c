import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Procfs

struct DirectoryListingTests {
    @Test(arguments: [0, 1, 3, 2000])
    func everyEntryIsGivenOnce(_ count: Int) throws {
        let directory = try TemporaryDirectory()
        // Longer names, so that 2,000 need several system calls.
        let names = (0..<count).map { "\($0)-" + String(repeating: "n", count: 100) }
        for name in names { try directory.write(name, "") }
        let found = try entries(directory.path)
        #expect(found.map(\.name).sorted() == names.sorted())
    }

    @Test func anEntryHasItsInodeAndItsKind() throws {
        let directory = try TemporaryDirectory()
        try directory.write("file", "")
        try directory.write("sub/file", "")
        try directory.link("link", to: "sub")
        try directory.write(".hidden", "")
        try directory.write("..more", "")
        for entry in try entries(directory.path) {
            #expect(entry.isDirectory == (entry.name == "sub"))
            let attributes = try FileManager.default.attributesOfItem(
                atPath: directory.path + "/" + entry.name)
            #expect(attributes[.systemFileNumber] as? UInt64 == entry.inode)
        }
        #expect(try entries(directory.path).count == 5)
    }

    @Test func aListingMayBeUsedWithinItself() throws {
        let directory = try TemporaryDirectory()
        for name in ["a/1", "a/2", "b/3"] { try directory.write(name, "") }
        let listing = DirectoryListing()
        var names: [String] = []
        try listing.forEachEntry(in: FilePath(directory.path)) { _, _, name in
            let parent = String(decoding: name.array, as: UTF8.self)
            try? listing.forEachEntry(in: FilePath(directory.path + "/" + parent)) { _, _, name in
                names.append(parent + "/" + String(decoding: name.array, as: UTF8.self))
            }
        }
        #expect(names.sorted() == ["a/1", "a/2", "b/3"])
    }

    @Test func linksAreCutAtSixtyFourBytes() throws {
        let directory = try TemporaryDirectory()
        try directory.link("short", to: "socket:[1]")
        try directory.link("long", to: String(repeating: "x", count: 1000))
        #expect(try links(directory.path).map(\.count).sorted() == [10, 64])
    }

    @Test func aLinkThatVanishesIsPassedOver() throws {
        let directory = try TemporaryDirectory()
        for number in 1...5 { try directory.link("\(number)", to: "socket:[\(number)]") }
        var targets: [[UInt8]] = []
        try DirectoryListing().forEachLink(in: FilePath(directory.path)) { _, target in
            targets.append(target.array)
            // All that has not had its turn goes; the names were read before.
            for number in 1...5 { unsafe unlink("\(directory.path)/\(number)") }
        }
        #expect(targets.count == 1)
    }

    @Test func aDirectoryThatVanishesHasNoEntries() throws {
        let directory = try TemporaryDirectory()
        try directory.write("sub/x", "")
        let path = directory.path + "/sub"
        try DirectoryListing().forEachEntry(in: FilePath(directory.path)) { _, _, _ in
            try? FileManager.default.removeItem(atPath: path)
        }
        let error = #expect(throws: FileError.self) { try entries(path) }
        #expect(error == FileError(.open, path, .noSuchFileOrDirectory))
        #expect(error?.isGone == true)
    }

    @Test func whatIsNoDirectoryCannotBeListed() {
        #expect(throws: FileError(.open, "/dev/null", .notDirectory)) { try entries("/dev/null") }
    }

    @Test func whatIsNoLinkIsToldOf() throws {
        let directory = try TemporaryDirectory()
        try directory.write("file", "")
        try directory.link("link", to: "target")
        #expect(throws: FileError(.read, directory.path, .invalidArgument)) {
            try links(directory.path)
        }
    }
}

/// The n-th system call of a scan fails, for all n. The scanned process has three descriptors, all the
/// time; this one's come and go.
struct FailingScanTests {
    private let child: ChildProcess
    private var process: ProcessID { ProcessID(rawValue: child.processID) }
    private var path: String { "/proc/\(process)/fd" }

    init() throws {
        child = try ChildProcess("sh", ["-c", "echo ready; read line"])
        try child.awaitOutput("ready")
    }

    @Test(arguments: [Errno.ioError, .noMemory, .permissionDenied])
    func eachCallsFailureNamesTheDirectory(_ errno: Errno) {
        let outcomes = withEachCallFailing(errno) { try sockets(of: process) }
        let links = [String](repeating: "readlinkat", count: 3)
        let calls = ["open", "getdents64"] + links + ["getdents64", "close"]
        #expect(outcomes.map(\.failedCall) == calls)
        for outcome in outcomes {
            #expect(outcome.descriptorsLeftOpen == 0)
            let error = outcome.failure as? FileError
            switch outcome.failedCall {
            case "open": #expect(error == FileError(.open, path, errno))
            case "getdents64": #expect(error == FileError(.list, path, errno))
            case "readlinkat": #expect(error == FileError(.read, path, errno))
            default: #expect(error == nil)
            }
        }
    }

    @Test(arguments: [Errno.noSuchFileOrDirectory, .noSuchProcess])
    func aLinkThatIsGoneIsNoError(_ errno: Errno) {
        let outcomes = withEachCallFailing(errno) { try sockets(of: process) }
        for outcome in outcomes where outcome.failedCall == "readlinkat" {
            #expect(outcome.failure == nil)
        }
    }

    @Test func aSignalDoesNoHarm() {
        let outcomes = withEachCallFailing(.interrupted) {
            (try sockets(of: process), try ProcFS().executablePath(of: process))
        }
        #expect(outcomes.count > 5)
        for outcome in outcomes { #expect(outcome.failure == nil, "\(outcome.failedCall)") }
    }
}

extension FaultOutcome {
    fileprivate var failure: (any Error)? {
        guard case .failure(let error) = result else { return nil }
        return error
    }
}

private struct Entry {
    let name: String
    let inode: UInt64
    let isDirectory: Bool
}

private func entries(_ path: String) throws -> [Entry] {
    var entries: [Entry] = []
    try DirectoryListing().forEachEntry(in: FilePath(path)) { _, entry, name in
        entries.append(
            Entry(
                name: String(decoding: name.array, as: UTF8.self), inode: entry.inode,
                isDirectory: entry.isDirectory))
    }
    return entries
}

private func links(_ path: String) throws -> [[UInt8]] {
    var targets: [[UInt8]] = []
    try DirectoryListing().forEachLink(in: FilePath(path)) { targets.append($1.array) }
    return targets
}
