import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite(.requires(.networkNamespaces))
struct HeldSocketsTests {
    @Test(arguments: SocketScenario.allCases, SocketFamily.allCases)
    func theRowsAreTheWholeTable(_ scenario: SocketScenario, _ family: SocketFamily) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            let proc = try tableOfProc()
            #expect(proc == held.rows.without(.close))
            let dump = try tableOfBareDump()
            #expect(dump == visible(held.rows))
        }
    }

    @Test(.requires(.ss), arguments: SocketScenario.allCases, SocketFamily.allCases)
    func ssAgrees(_ scenario: SocketScenario, _ family: SocketFamily) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, family)
            let table = try tableOfSS().without(.close)
            #expect(table == held.rows.without(.close))
        }
    }

    @Test func everyStateIsMadeInBothFamilies() throws {
        try inNewNetworkNamespace {
            let held = try holdEverything()
            defer { for sockets in held { sockets.close() } }
            let expected = held.map(\.rows).reduce(TableRows(), +)
            for family in SocketFamily.allCases {
                for state in SocketState.allCases { #expect(expected[family, state] > 0) }
            }
            let dump = try tableOfBareDump()
            #expect(dump == visible(expected))
        }
    }

    /// Longer than any reader needs, and longer than the first repetitions of a lost packet.
    @Test(.slow) func everyStateIsHeld() throws {
        try inNewNetworkNamespace {
            let held = try holdEverything()
            defer { for sockets in held { sockets.close() } }
            let expected = held.map(\.rows).reduce(TableRows(), +)
            sleep(5)
            let dump = try tableOfBareDump()
            #expect(dump == visible(expected))
        }
    }

    @Test func nothingButTimeWaitRemains() throws {
        try inNewNetworkNamespace {
            for held in try holdEverything() { held.close() }
            let expected =
                TableRows(.ipv4, [.timeWait: 1]) + TableRows(.ipv6, [.timeWait: 1])
            let dump = try tableOfBareDump()
            #expect(dump == expected)
        }
    }

    @Test(arguments: [SocketScenario.finWait1, .closing, .lastAck, .closeWait, .listen, .bound])
    func theSubjectHasAnInodeAndAPort(_ scenario: SocketScenario) throws {
        try inNewNetworkNamespace {
            let held = try HeldSockets(scenario, .ipv4)
            let subject = try #require(held.subject)
            #expect(try inode(of: subject) > 0)
            #expect(held.localPort > 0)
            #expect((held.remotePort > 0) == (held.peer != nil))
        }
    }

    @Test(arguments: SocketFamily.allCases)
    func aBlackholeAnswersNobody(_ family: SocketFamily) throws {
        try inNewNetworkNamespace {
            let blackhole = try Blackhole(family)
            let path = "/dev/tcp/\(bashAddress(family))/\(blackhole.endpoint.port)"
            let client = try ChildProcess("bash", ["-c", "exec 9<>\(path)"])
            let expected = blackhole.rows + TableRows(family, [.synSent: 1])
            let deadline = ContinuousClock.now + .seconds(5)
            while try tableOfProc() != expected && ContinuousClock.now < deadline { usleep(1000) }
            #expect(try tableOfProc() == expected)
            client.send(SIGKILL)
            #expect(try client.wait().status == .signalled(SIGKILL))
        }
    }
}

@Suite(.requires(.networkNamespaces))
struct TestloadTests {
    @Test(arguments: [[], ["--ipv6"]])
    func theTableHasTheRowsItSays(_ options: [String]) throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["500", "3"] + options)
            try load.awaitOutput("ready 1000\n")
            let family: SocketFamily = options.isEmpty ? .ipv4 : .ipv6
            #expect(try tableOfBareDump() == TableRows(family, [.established: 1000]))
            load.endInput()
            #expect(try load.wait().status == .exited(0))
            #expect(try tableOfBareDump() == TableRows())
        }
    }

    @Test func theTableKeepsChurning() throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["10", "--churn"])
            try load.awaitOutput("ready 20\n")
            #expect(try tableOfBareDump()[.listen] == 1)
            load.send(SIGTERM)
            #expect(try load.wait().status == .exited(0))
            #expect(try tableOfBareDump() == TableRows())
        }
    }

    @Test(arguments: [[], ["1000001"], ["3", "4"], ["1", "1", "1"], ["-1"]])
    func nonsenseIsRefused(_ arguments: [String]) throws {
        let result = try run(testProgram("tcptable_testload"), arguments)
        #expect(result.status == .exited(2))
        #expect(result.standardError.contains("usage: "))
    }
}

/// The rows that a dump of this kernel can show.
private func visible(_ rows: TableRows) -> TableRows {
    kernelListsBoundSockets ? rows : rows.without(.close)
}

private func holdEverything() throws -> [HeldSockets] {
    try SocketFamily.allCases.flatMap { family in
        try SocketScenario.allCases.map { try HeldSockets($0, family) }
    }
}

private func bashAddress(_ family: SocketFamily) -> String {
    family == .ipv4 ? "127.0.0.1" : "::1"
}
