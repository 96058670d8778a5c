import Foundation
import SystemPackage
import TestSupport
import Testing

struct ChildProcessTests {
    @Test func resultsComeBack() throws {
        let result = try run("sh", ["-c", "cat; echo no >&2; exit 3"], input: "yes")
        #expect(result.status == .exited(3))
        #expect(result.standardOutput == "yes")
        #expect(result.standardError == "no\n")
    }

    @Test func outputLargerThanAPipeComesBackWhole() throws {
        let result = try run("head", ["-c", "1000000", "/dev/zero"])
        #expect(result.standardOutput.utf8.count == 1_000_000)
    }

    @Test func theEnvironmentIsTheGivenOne() throws {
        let result = try run("/usr/bin/env", environment: ["ONLY": "this"])
        #expect(result.standardOutput == "ONLY=this\n")
    }

    @Test func aSignalIsTold() throws {
        #expect(try run("sh", ["-c", "kill -TERM $$"]).status == .signalled(SIGTERM))
    }

    @Test func aMissingProgramIsAnError() {
        #expect {
            try run("/no/such/program")
        } throws: {
            "\($0)".contains("cannot run /no/such/program")
        }
    }

    @Test func aSlowProgramIsKilled() {
        #expect {
            try run("sleep", ["60"], timeout: .milliseconds(50))
        } throws: {
            "\($0)".contains("was killed")
        }
    }

    /// `testrun` exists for this: the tests' own memory must not count.
    @Test func peakMemoryIsTheProgramsOwn() throws {
        let ballast = [UInt8](repeating: 1, count: 64 << 20)
        let small = try run("true").peakResidentBytes
        #expect(ballast.last == 1)
        #expect((100 << 10)..<(32 << 20) ~= small)
        let large = try run("head", ["-c", "60M", "/dev/zero"]).standardOutput.utf8.count
        #expect(large == 60 << 20)
        let hungry = try run("dd", ["if=/dev/zero", "of=/dev/null", "bs=48M", "count=1"])
        #expect((48 << 20)..<(60 << 20) ~= hungry.peakResidentBytes)
    }

    @Test func processorTimeIsTold() throws {
        let idle = try run("true")
        #expect(idle.userSeconds + idle.systemSeconds < 1)
        let busy = try run("sh", ["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"])
        #expect(busy.userSeconds > 0.01)
    }

    @Test func aRunningChildCanBeTalkedTo() throws {
        let child = try ChildProcess("cat", ["/proc/self/stat", "-"])
        try child.awaitOutput("(cat)")
        #expect(child.standardOutput.hasPrefix("\(child.processID) "))
        child.endInput()
        #expect(try child.wait().status == .exited(0))
    }

    @Test func aForgottenChildDies() throws {
        var child: ChildProcess? = try ChildProcess("sleep", ["60"])
        let processID = try #require(child?.processID)
        child = nil
        #expect(kill(processID, 0) == -1)
    }

    @Test func noDescriptorReachesTheProgram() throws {
        let result = try run("ls", ["/proc/self/fd"])
        #expect(result.standardOutput == "0\n1\n2\n3\n")  // 3 is ls' own
    }

    @Test func testProgramsAreFound() throws {
        #expect(try run(testProgram("bare_dump")).standardOutput.hasPrefix("rows "))
    }
}

@Suite(.requires(.networkNamespaces))
struct NetworkNamespaceTests {
    @Test func theBodyIsAloneAndTheThreadComesBack() throws {
        let home = try networkNamespaceInode()
        let inside = try inNewNetworkNamespace { try networkNamespaceInode() }
        #expect(inside != home)
        #expect(try networkNamespaceInode() == home)
    }

    @Test func theThreadComesBackFromAThrow() throws {
        let home = try networkNamespaceInode()
        #expect(throws: Errno.canceled) {
            try inNewNetworkNamespace { throw Errno.canceled }
        }
        #expect(try networkNamespaceInode() == home)
    }

    @Test func childrenInheritIt() throws {
        try inNewNetworkNamespace {
            let own = try networkNamespaceInode()
            let theirs = try run("readlink", ["/proc/self/ns/net"]).standardOutput
            #expect(theirs == "net:[\(own)]\n")
        }
    }

    @Test func loopbackIsUpAndTheTableEmpty() throws {
        try inNewNetworkNamespace {
            let before = try tableOfBareDump()
            #expect(before == TableRows())
            let held = try HeldSockets(.established, .ipv6)
            #expect(try tableOfBareDump() == held.rows)
        }
    }
}
