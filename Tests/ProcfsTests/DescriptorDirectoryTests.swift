import Foundation
import HostFakes
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Procfs

/// Tables of descriptors with and without gaps, beside a reader that lists the directory.
struct DescriptorDirectoryTests {
    /// Socket by socket in these numbers, above standard input, output and errors.
    private static let tables: [[UInt32]] = [
        [], [3], Array(3..<200), Array(3..<40) + Array(44..<90),
        // More free numbers than are tried: the rest is listed.
        [3, 900], [4, 100, 101, 102, 500, 999], Array(3..<300) + Array(600..<700),
        // As many as are tried, and one more.
        [20], [21], [22],
    ]

    @Test(arguments: tables, [1, 7, 4096])
    func everySocketIsFoundOnceWithItsNumber(_ numbers: [UInt32], _ step: Int) throws {
        let holder = try holder(of: numbers)
        let expected = try naiveSockets(of: holder.processID)
        #expect(Set(expected.keys).isSuperset(of: numbers))
        let directory = try directory(of: holder)
        let found = try directory.allSockets(descriptorsPerStep: step)
        #expect(found.count == expected.count)
        #expect(
            Dictionary(found.map { ($0.descriptor, $0.inode) }) { first, _ in first } == expected)
        for (descriptor, socket) in expected { #expect(directory[descriptor] == .socket(socket)) }
        #expect(directory[1] == .other)
        #expect(directory[2000] == nil)
    }

    @Test(.requires(.linux(6, 2))) func theCountIsThatOfTheListedNumbers() throws {
        let holder = try holder(of: [3, 4, 90])
        let names = try FileManager.default.contentsOfDirectory(
            atPath: "/proc/\(holder.processID)/fd")
        #expect(try directory(of: holder).initialCount == names.count)
    }

    /// What is opened during the reading has low numbers: they make up the count before the reader is
    /// there.
    @Test func aHighDescriptorIsFoundThoughLowOnesAreOpenedMeanwhile() throws {
        let low = dup(1)
        let pair = try socketPair()
        let high = fcntl(pair.0, F_DUPFD, 700)
        defer { for descriptor in [low, pair.0, pair.1, high] { close(descriptor) } }
        #expect(high >= 700)
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        let directory = try ProcFS().descriptors(of: ownProcess)
        var sockets: [HeldSocket] = []
        #expect(try directory.next(&sockets, descriptorsMax: 1))
        opened = (0..<10).map { _ in dup(1) }
        while try directory.next(&sockets, descriptorsMax: 100) {}
        #expect(sockets.contains { $0.descriptor == UInt32(high) })
    }

    @Test func aDescriptorThatIsClosedBeforeItsTurnIsPassedOver() throws {
        let directory = try FileTree()
        for number in 1...5 { try directory.link("7/fd/\(number)", to: "socket:[\(number)]") }
        let descriptors = try ProcFS(root: directory.root).descriptors(of: ProcessID(rawValue: 7))
        var found: [HeldSocket] = []
        while found.isEmpty { #expect(try descriptors.next(&found, descriptorsMax: 1)) }
        // All that has not had its turn goes.
        for number in 1...5 { unsafe unlink("\(directory.root)/7/fd/\(number)") }
        while try descriptors.next(&found, descriptorsMax: 1) {}
        #expect(found.count == 1)
    }

    @Test func longLinksAreNoSockets() throws {
        let directory = try FileTree()
        try directory.link("7/fd/0", to: "socket:[" + String(repeating: "1", count: 1000) + "]")
        try directory.link("7/fd/1", to: "socket:[4294967295]")
        let found = try sockets(of: ProcessID(rawValue: 7), ProcFS(root: directory.root))
        #expect(found.map(\.rawValue) == [.max])
    }

    @Test func whatIsNoLinkHidesNoOther() throws {
        let directory = try FileTree()
        try directory.write("7/fd/3", "")
        try directory.link("7/fd/4", to: "socket:[5]")
        let descriptors = try ProcFS(root: directory.root).descriptors(of: ProcessID(rawValue: 7))
        #expect(try descriptors.allSockets().map(\.inode.rawValue) == [5])
        #expect(descriptors.refusal == .invalidArgument)
    }

    /// A file system in user space may say anything.
    @Test func namesThatAreNoNumbersArePassedOver() throws {
        let directory = try FileTree()
        for name in ["a", "-1", "4294967296", "99999999999999999999", "01x"] {
            try directory.link("7/fd/\(name)", to: "socket:[5]")
        }
        try directory.link("7/fd/4294967295", to: "socket:[6]")
        let procfs = ProcFS(root: directory.root)
        let found = try sockets(of: ProcessID(rawValue: 7), procfs)
        // No number is above it; the link that it would name is not there.
        #expect(found.map(\.rawValue) == [6])
    }
}

/// A program that holds a socket under each number, and nothing else above standard errors.
private func holder(of numbers: [UInt32]) throws -> ChildProcess {
    let script = """
        import os, socket, sys
        for number in map(int, sys.argv[1:]):
            descriptor = socket.socket(socket.AF_UNIX).detach()
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
        print("ready", flush=True)
        sys.stdin.read()
        """
    let child = try ChildProcess("python3", ["-c", script] + numbers.map(String.init))
    try child.awaitOutput("ready")
    return child
}

private func directory(of holder: ChildProcess) throws -> DescriptorDirectory {
    try ProcFS().descriptors(of: ProcessID(rawValue: holder.processID))
}

/// The sockets of a process by number, as a listing of the directory and Foundation tell them.
private func naiveSockets(of process: Int32) throws -> [UInt32: SocketInode] {
    var sockets: [UInt32: SocketInode] = [:]
    let path = "/proc/\(process)/fd"
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/\(name)")
        guard let match = target.wholeMatch(of: /socket:\[(\d+)\]/) else { continue }
        sockets[try #require(UInt32(name))] = SocketInode(rawValue: try #require(UInt32(match.1)))
    }
    return sockets
}

private func socketPair() throws -> (Int32, Int32) {
    var pair: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue)
    guard unsafe socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw Errno(rawValue: errno) }
    return (pair[0], pair[1])
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
        // The three numbers are tried, and nothing is left to list.
        let listing = ["open", "getdents64", "close"]
        #expect(outcomes.map(\.failedCall) == ["open", "fstat"] + links + listing + ["close"])
        for outcome in outcomes {
            #expect(outcome.descriptorsLeftOpen == 0)
            let error = outcome.failure as? FileError
            switch outcome.failedCall {
            case "open": #expect(error == FileError(.open, path, errno))
            case "readlinkat": #expect(error == FileError(.read, path, errno))
            case "getdents64": #expect(error == FileError(.list, path, errno))
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
