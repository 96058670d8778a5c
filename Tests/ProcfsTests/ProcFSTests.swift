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
        #expect(try procfs.ephemeralPorts() == PortSet(range))
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
        #expect(throws: expected) { try procfs.ephemeralPorts() }
    }

    @Test(arguments: [
        ("\n", []), ("", []), ("105\n", [105]), ("100-102,109\n", [100, 101, 102, 109]),
        ("1-99,110-65535\n", []), ("99-100\n", [100]), ("0-65535\n", Array(UInt16(100)...109)),
    ])
    func reservedPortsAreLeftOut(_ reserved: String, _ missing: [UInt16]) throws {
        let (directory, procfs) = try fakeProc("sys/net/ipv4/ip_local_port_range", "100 109\n")
        try directory.write("sys/net/ipv4/ip_local_reserved_ports", reserved)
        let left = (UInt16(100)...109).filter { !missing.contains($0) }
        let ports = try procfs.ephemeralPorts()
        #expect((0...UInt16.max).filter(ports.contains) == left)
        #expect(ports.count == left.count)
    }

    @Test(arguments: ["x\n", "1-\n", "-5\n", "5-1\n", "1,,2\n", "1-2-3\n", "65536\n", "1 2\n"])
    func anotherListIsAnErrorThatNamesTheFile(_ reserved: String) throws {
        let name = "sys/net/ipv4/ip_local_reserved_ports"
        let (directory, procfs) = try fakeProc("sys/net/ipv4/ip_local_port_range", "100 109\n")
        try directory.write(name, reserved)
        let expected = FileError(
            .understand, "\(directory.root)/\(name)", .contents("not a list of ports"))
        #expect(throws: expected) { try procfs.ephemeralPorts() }
    }

    @Test(arguments: [
        ("TcpExt: A ListenDrops B\nTcpExt: 1 25 3\nIpExt: A\nIpExt: 9\n", UInt64(25)),
        ("IpExt: ListenDrops\nIpExt: 9\nTcpExt: ListenDrops\nTcpExt: 0\n", 0),
        ("TcpExt: A\nTcpExt: 1\n", nil), ("TcpExt: A ListenDrops\nTcpExt: 1\n", nil),
        ("TcpExt: ListenDrops\n", nil), ("TcpExt: ListenDrops\nTcpExt: x\n", nil), ("", nil),
    ])
    func dropsOfTheNamespaceAreACounterOfNetstat(_ text: String, _ count: UInt64?) throws {
        let (directory, procfs) = try fakeProc("thread-self/net/netstat", text)
        #expect((try? procfs.listenDropCount()) == count)
        withExtendedLifetime(directory) {}
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

    /// A process that is said to be in none, or not at all, is not one without a service.
    @Test(arguments: ["", nil])
    func onlyAHostWithoutCgroupsHasProcessesInNone(_ contents: String?) throws {
        let directory = try FileTree()
        if let contents { try directory.write("5/cgroup", contents) }
        let procfs = ProcFS(root: directory.root)
        #expect(try procfs.cgroups(of: ProcessID(rawValue: 5)).isEmpty)
        try directory.write("self/cgroup", "")
        #expect(try procfs.cgroups(of: ProcessID(rawValue: 5)).isEmpty)
        try directory.write("self/cgroup", "0::/\n")
        #expect(throws: FileError.self) { try procfs.cgroups(of: ProcessID(rawValue: 5)) }
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

    /// A namespace whose name is not read would be called by its number, or be missing: nobody could tell.
    @Test func aFailureToReadTheNamesOfNamespacesIsNoLackOfNames() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: Never.self) {
            try procfs.networkNamespaces(named: "\(directory.path)/absent")
        }
        let file = try directory.write("", to: "file")
        #expect(throws: FileError(.open, file, .notDirectory)) {
            try procfs.networkNamespaces(named: file)
        }
        let loop = "\(directory.path)/loop"
        try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: "loop")
        #expect(throws: FileError(.open, loop, .tooManySymbolicLinkLevels)) {
            try procfs.networkNamespaces(named: directory.path)
        }
    }

    @Test func theEphemeralPortsAreTheKernels() throws {
        let text = try String(
            contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let ports = try procfs.ephemeralPorts()
        let known = (0...UInt16.max).filter(ports.contains)
        let bounds = text.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
        #expect(known.allSatisfy { (bounds[0]...bounds[1]).contains($0) })
        #expect(!known.isEmpty)
        #expect(procfs.interfaceName(1) == Array("lo".utf8))
        #expect(procfs.interfaceName(.max) == nil)
        #expect(try procfs.listenDropCount() < .max)
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
