import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import SockDiag

/// The real kernel's answers, for a network namespace of the tests' own.
@Suite(.requires(.networkNamespaces))
struct KernelTests {
    @Test func theDumpIsWhatAnIndependentReaderSees() throws {
        try inNewNetworkNamespace {
            let held = try holdEverything()
            defer { for sockets in held { sockets.close() } }
            var dump = TCPSocketDump()
            let result = try dump.collect()
            #expect(result.attempts == 1)
            #expect(try countedByBareDump() == counted(result.rows))
            #expect(result.rows.count > 50)
        }
    }

    @Test func theOtherRequestsGiveTheSameRows() throws {
        try inNewNetworkNamespace {
            let held = try holdEverything()
            defer { for sockets in held { sockets.close() } }
            var oneWalk = TCPSocketDump()
            var twoWalks = TCPSocketDump(openTransport: refusingTheOneWalk)
            let expected = try sorted(oneWalk.collect().rows)
            #expect(try sorted(twoWalks.collect().rows) == expected)
            #expect(try sorted(twoWalks.collect().rows) == expected)
        }
    }

    @Test func kernelTLSIsAskedOfConnectedSocketsOnly() throws {
        let states: Set<TCPState> = [
            .established, .finWait1, .finWait2, .closeWait, .lastAck, .closing,
        ]
        try inNewNetworkNamespace {
            let held = try holdEverything()
            defer { for sockets in held { sockets.close() } }
            var dump = TCPSocketDump()
            let connected = try dump.collect().rows.filter { states.contains($0.state) }
            let informed = try dump.collect(.upperLayerProtocols).rows
            #expect(sorted(informed) == sorted(connected))
            #expect(Set(informed.map(\.state)).isSuperset(of: [.established, .closeWait]))
        }
    }

    @Test func noCapabilityIsNeeded() throws {
        try inNewNetworkNamespace {
            let held = try holdEverything()
            defer { for sockets in held { sockets.close() } }
            var dump = TCPSocketDump()
            let privileged = try dump.collect().rows
            #expect(dump.evidence.isMarkSeen)
            let unprivileged = try withoutCapabilities { try dump.collect().rows }
            // The marks alone are for those who may see them.
            #expect(!dump.evidence.isMarkSeen)
            #expect(sorted(unprivileged) == sorted(privileged))
        }
    }

    @Test func anEmptyNamespaceHasAnEmptyTable() throws {
        try inNewNetworkNamespace {
            var dump = TCPSocketDump()
            let result = try dump.collect()
            #expect(result == DumpResult())
        }
    }

    @Test func aTableOfManyDatagramsComesWhole() throws {
        try inNewNetworkNamespace {
            let load = try ChildProcess(testProgram("tcptable_testload"), ["2000"])
            try load.awaitOutput("ready ")
            var dump = TCPSocketDump()
            let rows = try dump.collect().rows
            #expect(try countedByBareDump() == counted(rows))
            #expect(Set(rows.map(\.cookie)).count == rows.count)
            #expect(rows.count >= 4000)
        }
    }
}

@Suite(.requires(.networkNamespaces))
struct FailingCallTests {
    @Test(arguments: [Errno.ioError, .noMemory, .permissionDenied, .tooManyOpenFiles])
    func eachCallsFailureIsNamed(_ errno: Errno) throws {
        let outcomes = try failures(errno)
        let calls = ["socket", "connect", "getsockname", "send", "recvfrom", "recvfrom", "close"]
        #expect(outcomes.map(\.failedCall) == calls)
        for outcome in outcomes {
            #expect(outcome.descriptorsLeftOpen == 0, "\(outcome.failedCall)")
            guard outcome.failedCall != "close" else {
                #expect(throws: Never.self) { try outcome.result.get() }
                continue
            }
            let error = #expect(throws: ConnectionSourceError.self) { try outcome.result.get() }
            guard case .systemCall(let name, errno)? = error else {
                Issue.record("\(outcome.failedCall) failed as \(String(describing: error))")
                continue
            }
            #expect(name.description == outcome.failedCall)
        }
    }

    @Test func aSignalDoesNoHarm() throws {
        for outcome in try failures(.interrupted) {
            #expect(throws: Never.self, "\(outcome.failedCall)") { try outcome.result.get() }
            #expect(outcome.descriptorsLeftOpen == 0)
        }
    }

    @Test func lostMessagesCostAnAttempt() throws {
        let outcomes = try failures(.noBufferSpace).filter { $0.failedCall == "recvfrom" }
        #expect(outcomes.count == 2)
        for outcome in outcomes {
            #expect(try outcome.result.get().attempts == 2)
            #expect(outcome.descriptorsLeftOpen == 0)
        }
    }

    @Test(arguments: [Errno.protocolNotSupported, .addressFamilyNotSupported])
    func aKernelWithoutSocketDiagnosticsIsUnavailable(_ errno: Errno) {
        let outcome = withFailingCall(1, errno, dumpOnce)
        #expect(throws: ConnectionSourceError.unavailable(errno)) { try outcome?.result.get() }
    }
}

/// One outcome for each call of a dump of one listener; each dump that succeeds has its row.
private func failures(_ errno: Errno) throws -> [FaultOutcome<DumpResult>] {
    try inNewNetworkNamespace {
        let held = try HeldSockets(.listen, .ipv4)
        defer { held.close() }
        let outcomes = withEachCallFailing(errno, dumpOnce)
        for outcome in outcomes {
            guard case .success(let result) = outcome.result else { continue }
            #expect(result.rows.map(\.localPort) == [held.localPort], "\(outcome.failedCall)")
        }
        return outcomes
    }
}

private func dumpOnce() throws -> DumpResult {
    var dump = TCPSocketDump()
    return try dump.collect()
}

private func holdEverything() throws -> [HeldSockets] {
    try SocketFamily.allCases.flatMap { family in
        try SocketScenario.allCases.map { try HeldSockets($0, family) }
    }
}

/// A kernel socket on which the older request fails, as where a policy forbids it.
private func refusingTheOneWalk() throws(ConnectionSourceError) -> NetlinkTransport {
    let kernel = try NetlinkTransport.kernel()
    return NetlinkTransport(
        portID: kernel.portID,
        send: { (request) throws(ConnectionSourceError) in
            if request[4] == 18 { throw .refused(.permissionDenied) }
            try kernel.send(request)
        },
        receive: kernel.receive)
}

private func sorted(_ rows: [TCPConnection]) -> [TCPConnection] {
    rows.sorted { $0.cookie < $1.cookie }
}

/// How many rows of each family and state: the lines of `bare_dump --states`.
private func countedByBareDump() throws -> [String] {
    let output = try run(testProgram("bare_dump"), ["--states"]).standardOutput
    return output.split(separator: "\n").dropFirst().map(String.init)
}

private func counted(_ rows: [TCPConnection]) -> [String] {
    AddressFamily.allCases.flatMap { family in
        SocketState.allCases.compactMap { state in
            let count = rows.count { $0.family == family && $0.state.rawValue == state.rawValue }
            return count == 0 ? nil : "\(family.label) \(state.label) \(count)"
        }
    }
}
