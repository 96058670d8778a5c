import Foundation
import HostFakes
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import Procfs

/// Files of a proc file system that a test made up.
struct MadeUpProcFSTests {
    @Test(arguments: ["/proc", "/proc/", "/proc//"])
    func aSlashAtTheEndOfTheRootMakesNoDifference(_ root: String) {
        #expect(ProcFS(root: root).root == "/proc")
    }

    @Test(arguments: [
        ("32768\t60999\n", 32768...60999), ("1 65535\n", 1...65535), ("5 5", 5...5),
        ("1024   65000\n\n", UInt16(1024)...65000),
    ])
    func twoPortsAreARange(_ text: String, _ range: ClosedRange<UInt16>) throws {
        let (directory, procfs) = try fakeProc("sys/net/ipv4/ip_local_port_range", text)
        #expect(try procfs.ephemeralPortRange() == range)
        withExtendedLifetime(directory) {}
    }

    @Test(arguments: [
        "", "\n", "32768\n", "32768 60999 1\n", "60999 32768\n", "0 65536\n", "-1 5\n", "a b\n",
        "32768\n60999\n", "99999999999999999999 99999999999999999999\n",
    ])
    func anythingElseIsAnErrorThatNamesTheFile(_ text: String) throws {
        let name = "sys/net/ipv4/ip_local_port_range"
        let (directory, procfs) = try fakeProc(name, text)
        let expected = FileError(
            .understand, "\(directory.root)/\(name)", .contents("not a range of two ports"))
        #expect(throws: expected) { try procfs.ephemeralPortRange() }
    }

    @Test(arguments: [
        ("cpu 1 2\nbtime 1700000000\nprocesses 5\n", UInt64(1_700_000_000)),
        ("btime 1\nbtime 2\n", 1), ("cpu 1\n", nil), ("btime\n", nil), ("btime x\n", nil),
        ("xbtime 5\n", nil), ("", nil),
    ])
    func theBootTimeIsALineOfStat(_ text: String, _ seconds: UInt64?) throws {
        let (directory, procfs) = try fakeProc("stat", text)
        #expect(procfs.bootTimeSeconds == seconds)
        withExtendedLifetime(directory) {}
    }

    @Test func onlyNumbersAreProcesses() throws {
        let directory = try FileTree()
        let others = [
            "self", "12a", "a12", "-1", "2147483648", "99999999999999999999", "net", " 5",
        ]
        for name in ["1", "42", "2147483647"] + others { try directory.write(name + "/x", "") }
        let processes = try ProcFS(root: directory.root).processes()
        #expect(processes.sorted().map(\.rawValue) == [1, 42, .max])
    }

    @Test(arguments: [
        (["1/ns/pid": "pid:[4026531836]"], false), (["1/ns/pid": "pid:[4026532000]"], true),
        (["self/ns/pid": "pid:[4026531836]"], false), (["self/ns/pid": "pid:[1]"], true),
        (["1/ns/pid": "pid:[4026532000]", "self/ns/pid": "pid:[4026531836]"], true),
        ([:], true),
    ])
    func aNamespaceIsNestedUnlessItIsTheFirst(
        _ links: [String: String], _ isNested: Bool
    ) throws {
        let directory = try FileTree()
        for (name, target) in links { try directory.link(name, to: target) }
        #expect(ProcFS(root: directory.root).isNamespaceNested == isNested)
    }

    @Test func socketsAreWhatLinksSay() throws {
        let directory = try FileTree()
        let targets = [
            "socket:[7]", "pipe:[8]", "/dev/null", "socket:[7]", "socket:[9", "socket:[10]",
        ]
        for (number, target) in targets.enumerated() {
            try directory.link("5/fd/\(number)", to: target)
        }
        let found = try sockets(of: ProcessID(rawValue: 5), ProcFS(root: directory.root))
        #expect(found.map(\.rawValue).sorted() == [7, 7, 10])
    }

    @Test func contentsThatAreNoStatisticsAreNotUnderstood() throws {
        let (directory, procfs) = try fakeProc("5/stat", "5 (a) S 1\n")
        let error = #expect(throws: FileError.self) {
            try procfs.statistics(of: ProcessID(rawValue: 5))
        }
        #expect(error?.operation == .understand)
        #expect(error?.path == "\(directory.root)/5/stat")
    }

    @Test func linesThatAreNoCgroupAreLeftOut() throws {
        let (directory, procfs) = try fakeProc(
            "5/cgroup", "1:cpu:/a\nnonsense\n\n0::/b:c (deleted)\n")
        let cgroups = try procfs.cgroups(of: ProcessID(rawValue: 5))
        #expect(cgroups.map(\.controllers) == ["cpu", ""])
        #expect(cgroups.map(\.path) == [Array("/a".utf8), Array("/b:c".utf8)])
        withExtendedLifetime(directory) {}
    }
}

/// The mounted one.
struct RealProcFSTests {
    private let procfs = ProcFS()

    @Test func thisProcessIsThere() throws {
        let processes = try procfs.processes()
        #expect(processes.contains(ownProcess))
        #expect(processes.contains(.initial))
        #expect(
            try procfs.statistics(of: ownProcess).startTimeTicks
                == procfs.ownStatistics.startTimeTicks)
        #expect(try !procfs.cgroups(of: ownProcess).isEmpty)
        #expect(try #require(procfs.ownDescriptorCount) >= 3)
        #expect(try #require(procfs.bootTimeSeconds) > 1_000_000_000)
    }

    /// A thread that stays in it, of a process that is elsewhere.
    @Test(.requires(.networkNamespaces), arguments: [1, 3])
    func namespacesThatOnlyAThreadIsInAreFound(_ threadCount: Int) throws {
        let end = DispatchSemaphore(value: 0)
        defer { for _ in 0..<threadCount { end.signal() } }
        for _ in 0..<threadCount {
            let inode = try inNewNetworkNamespace {
                Thread { end.wait() }.start()
                return try networkNamespaceInode()
            }
            let found = try procfs.networkNamespaces().others.first { $0.inode == inode }
            let namespace = try #require(found)
            #expect(namespace.path.contains("/task/"))
            var entered: UInt64?
            try procfs.enter(namespace) { entered = try? networkNamespaceInode() }
            #expect(entered == inode)
        }
    }

    @Test func theEphemeralPortsAreTheKernels() throws {
        let text = try String(
            contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let range = try procfs.ephemeralPortRange()
        #expect(text == "\(range.lowerBound)\t\(range.upperBound)\n")
    }

    @Test(.requires(.networkNamespaces))
    func networkFilesAreThoseOfTheCallingThread() throws {
        let (number, table) = try inNewNetworkNamespace {
            let held = try HeldSockets(.listen, .ipv4)
            defer { held.close() }
            let number = try inode(of: #require(held.subject))
            return (number, try procfs.networkFile("tcp"))
        }
        let elsewhere = try procfs.networkFile("tcp")
        #expect(String(decoding: table, as: UTF8.self).contains(" \(number) "))
        #expect(!String(decoding: elsewhere, as: UTF8.self).contains(" \(number) "))
    }

    @Test(.requires(.networkNamespaces)) func ownSocketsAreFound() throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(.established, .ipv6)
            defer { held.close() }
            let both = try [held.subject, held.peer].map { descriptor in
                SocketInode(rawValue: UInt32(try inode(of: #require(descriptor))))
            }
            #expect(try Set(sockets(of: ownProcess)).isSuperset(of: both))
        }
    }

    @Test func aSocketHeldTwiceIsFoundTwice() throws {
        let script = "exec 8<>/dev/udp/127.0.0.1/9 9<&8 && echo ready && exec cat"
        let child = try ChildProcess("bash", ["-c", script])
        try child.awaitOutput("ready")
        let found = try sockets(of: ProcessID(rawValue: child.processID))
        #expect(found.count == 2)
        #expect(Set(found).count == 1)
    }

    @Test func aDescriptorThatComesAndGoesBelowASocketDoesNotHideIt() throws {
        let script = """
            exec 8<>/dev/udp/127.0.0.1/9 9<>/dev/udp/127.0.0.1/9 && echo ready
            while :; do exec 3</dev/null; exec 3<&-; done
            """
        let child = try ChildProcess("bash", ["-c", script])
        try child.awaitOutput("ready")
        for _ in 0..<5_000 {
            let found = try sockets(of: ProcessID(rawValue: child.processID))
            try #require(Set(found).count == 2)
        }
    }

    @Test func aProcessThatIsGoneIsGone() throws {
        let child = try ChildProcess("sleep", ["60"])
        let process = ProcessID(rawValue: child.processID)
        _ = try procfs.statistics(of: process)
        child.send(SIGKILL)
        _ = try child.wait()
        let readings: [(String, () throws -> Void)] = [
            ("stat", { _ = try procfs.statistics(of: process) }),
            ("cgroup", { _ = try procfs.cgroups(of: process) }),
            ("exe", { _ = try procfs.executablePath(of: process) }),
            ("fd", { _ = try sockets(of: process) }),
        ]
        for (name, read) in readings {
            let error = #expect(throws: FileError.self) { try read() }
            #expect(error?.isGone == true)
            #expect(error?.path == "/proc/\(process)/\(name)")
        }
    }

    @Test(.requires(.root)) func whatMayNotBeSeenIsDenied() throws {
        try withoutCapabilities {
            let error = #expect(throws: FileError.self) { try sockets(of: .initial) }
            #expect(error?.isDenied == true)
            #expect(error?.path == "/proc/1/fd")
            let denial = #expect(throws: FileError.self) { try procfs.executablePath(of: .initial) }
            #expect(denial?.isDenied == true)
            _ = try procfs.statistics(of: .initial)
            _ = try procfs.cgroups(of: .initial)
        }
    }
}

/// A proc file system of one file.
private func fakeProc(_ name: String, _ text: String) throws -> (FileTree, ProcFS) {
    let directory = try FileTree()
    try directory.write(name, text)
    return (directory, ProcFS(root: directory.root))
}
