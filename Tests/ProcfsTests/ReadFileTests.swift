import Foundation
import HostFakes
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Procfs

struct ReadFileTests {
    @Test(arguments: [0, 1, 4095, 4096, 4097, 8192, 65_535, 65_536])
    func aFileIsReadWhole(_ byteCount: Int) throws {
        let directory = try FileTree()
        let contents = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try directory.write("file", contents)
        #expect(try readFile(directory.root + "/file") == contents)
    }

    @Test(arguments: [(10_000, 65_536), (100, 100), (1, 1), (0, 0), (8192, 8192)])
    func aFileIsReadUpToItsLimit(_ expected: Int, _ byteCountMax: Int) throws {
        let directory = try FileTree()
        try directory.write("file", [UInt8](repeating: 7, count: 10_000))
        let contents = try readFile(directory.root + "/file", byteCountMax: byteCountMax)
        #expect(contents == [UInt8](repeating: 7, count: expected))
    }

    @Test func anEndlessFileEndsAtTheLimit() throws {
        #expect(try readFile("/dev/zero").count == 65_536)
    }

    @Test func aMissingFileIsGone() {
        let error = #expect(throws: FileError.self) { try readFile("/no/such/file") }
        #expect(error == FileError(.open, "/no/such/file", .noSuchFileOrDirectory))
        #expect(error?.isGone == true)
    }

    @Test func aDirectoryCannotBeRead() {
        #expect(throws: FileError(.read, "/tmp", .isDirectory)) { try readFile("/tmp") }
    }

    @Test func eachCallsFailureNamesTheFile() throws {
        let directory = try FileTree()
        try directory.write("file", [UInt8](repeating: 7, count: 5000))
        let path = directory.root + "/file"
        let outcomes = withEachCallFailing(.ioError) { try readFile(path) }
        #expect(outcomes.map(\.failedCall) == ["open", "read", "read", "read", "close"])
        let expected =
            [FileError(.open, path, .ioError)]
            + [FileError](repeating: FileError(.read, path, .ioError), count: 3)
        for (outcome, error) in zip(outcomes, expected) {
            #expect(throws: error) { try outcome.result.get() }
            #expect(outcome.descriptorsLeftOpen == 0)
        }
        // What was read is good, however the descriptor was closed.
        #expect(try outcomes.last?.result.get().count == 5000)
    }

    @Test func aSignalDoesNoHarm() throws {
        let outcomes = withEachCallFailing(.interrupted) { try readFile("/proc/self/stat") }
        for outcome in outcomes { #expect(try !outcome.result.get().isEmpty) }
    }

    @Test func aLinksTargetIsRead() throws {
        let directory = try FileTree()
        let target = String(repeating: "t", count: 4000)
        try directory.link("link", to: target)
        #expect(try readLink(directory.root + "/link") == Array(target.utf8))
        #expect(throws: FileError(.read, directory.root, .invalidArgument)) {
            try readLink(directory.root)
        }
    }
}
