import SystemPackage
import TCPModel
import Testing

@testable import SockDiag

/// The kernel's part is played by a closure.
struct DumpTests {
    @Test func oneWalkServesBothFamilies() throws {
        let kernel = PlayedKernel { request in
            [
                .datagram(request.row(.establishedIPv4) + request.row(.listenIPv6)),
                .datagram(request.row(.timeWaitIPv4) + request.done),
            ]
        }
        var dump = kernel.dump
        let result = try dump.collect()
        #expect(try result.rows == rows(.establishedIPv4, .listenIPv6, .timeWaitIPv4))
        #expect(result.attempts == 1)
        #expect(result.outcome == .init(interruptions: 0, isInterrupted: false))
        #expect(kernel.requests.map(\.scope) == [.everyFamily])
    }

    @Test func anEmptyTableIsNoError() throws {
        let kernel = PlayedKernel(bytes: \.done)
        var dump = kernel.dump
        #expect(try dump.collect() == DumpResult())
    }

    @Test(arguments: [Errno.invalidArgument, .notSupportedOnSocket, .noSuchFileOrDirectory])
    func whereTheOneWalkIsRefusedTwoAreMadeFromThenOn(_ errno: Errno) throws {
        let kernel = PlayedKernel(bytes: twoWalksOnly(errno))
        var dump = kernel.dump
        #expect(try dump.collect().rows == rows(.establishedIPv4, .listenIPv6))
        #expect(kernel.requests.map(\.scope) == [.everyFamily, .ipv4, .ipv6])
        #expect(try dump.collect().rows == rows(.establishedIPv4, .listenIPv6))
        #expect(kernel.requests.map(\.scope).suffix(2) == [.ipv4, .ipv6])
        #expect(kernel.requests.count == 5)
    }

    @Test func eachRequestHasItsOwnSequenceNumber() throws {
        let kernel = PlayedKernel(bytes: twoWalksOnly(.invalidArgument))
        var dump = kernel.dump
        _ = try dump.collect()
        _ = try dump.collect()
        #expect(Set(kernel.requests.map(\.sequence)).count == 5)
    }

    @Test func rowsBeforeARefusalDoNotCount() throws {
        let kernel = PlayedKernel(bytes: { request in
            let last =
                request.scope == .everyFamily ? request.refusal(.invalidArgument) : request.done
            return request.row(.establishedIPv4) + last
        })
        var dump = kernel.dump
        let result = try dump.collect()
        #expect(try result.rows == rows(.establishedIPv4, .establishedIPv4))
        #expect(result.attempts == 2)
    }

    @Test(arguments: [
        (Errno.noSuchFileOrDirectory, ConnectionSourceError.unavailable(.noSuchFileOrDirectory)),
        (.notSupportedOnSocket, .unavailable(.notSupportedOnSocket)),
        (.protocolNotSupported, .unavailable(.protocolNotSupported)),
        (.invalidArgument, .refused(.invalidArgument)),
        (.permissionDenied, .refused(.permissionDenied)),
    ])
    func whereEverythingIsRefusedTheErrorSaysSo(_ errno: Errno, _ expected: ConnectionSourceError) {
        let kernel = PlayedKernel(bytes: { $0.refusal(errno) })
        var dump = kernel.dump
        #expect(error { () throws(ConnectionSourceError) in try dump.collect() } == expected)
        #expect(kernel.requests.map(\.scope) == [.everyFamily, .ipv4])
    }

    @Test func aRefusalOfEverythingIsNotRemembered() {
        let kernel = PlayedKernel(bytes: { $0.refusal(.noSuchFileOrDirectory) })
        var dump = kernel.dump
        for _ in 1...2 { _ = error { () throws(ConnectionSourceError) in try dump.collect() } }
        #expect(kernel.requests.map(\.scope) == [.everyFamily, .ipv4, .everyFamily, .ipv4])
    }

    @Test(arguments: [false, true])
    func anErrorOfOneFamilyFailsTheDump(_ isLast: Bool) {
        let kernel = PlayedKernel(bytes: { request in
            request.scope == (isLast ? .ipv4 : .ipv6)
                ? request.done : request.refusal(.invalidArgument)
        })
        var dump = kernel.dump
        let error = error { () throws(ConnectionSourceError) in try dump.collect() }
        #expect(error == .refused(.invalidArgument))
    }

    @Test func aTransportThatCannotBeOpenedFailsTheDump() {
        var dump = TCPSocketDump { () throws(ConnectionSourceError) in
            throw .systemCall("socket", .tooManyOpenFiles)
        }
        let error = error { () throws(ConnectionSourceError) in try dump.collect() }
        #expect(error == .systemCall("socket", .tooManyOpenFiles))
    }

    @Test func aRowThatMakesNoSenseFailsTheDump() {
        var fixture = Fixture.establishedIPv4.answering(sequence: 1, portID: 5000)
        fixture[17] = 99  // idiag_state
        let kernel = PlayedKernel { _ in [.datagram(fixture)] }
        var dump = kernel.dump
        let error = error { () throws(ConnectionSourceError) in try dump.collect() }
        #expect(error == .malformed(.unknownValue(field: "idiag_state", value: 99)))
    }

    @Test func afterAnErrorTheNextDumpStartsAnew() throws {
        let kernel = PlayedKernel { request in
            let row = PlayedKernel.Event.datagram(request.row(.establishedIPv4))
            let end = PlayedKernel.Event.datagram(request.done)
            return request.number == 0
                ? [row, .failure(.systemCall("recvfrom", .ioError))] : [row, end]
        }
        var dump = kernel.dump
        let failure = error { () throws(ConnectionSourceError) in try dump.collect() }
        #expect(failure == .systemCall("recvfrom", .ioError))
        #expect(try dump.collect().rows == rows(.establishedIPv4))
    }

    /// The rows that share a datagram with the dump's end count as well.
    @Test func theLastDatagramsRowsComeBeforeTheEnd() throws {
        let kernel = PlayedKernel(bytes: { $0.row(.establishedIPv4) + $0.done })
        var dump = kernel.dump
        var step: [TCPConnection] = []
        var steps: [(count: Int, step: DumpStep)] = []
        repeat {
            let outcome = try dump.next(&step)
            steps.append((step.count, outcome))
        } while steps.last?.step == .rows
        #expect(steps.map(\.count).reduce(0, +) == 1)
        #expect(steps.last?.count == 0)
        #expect(steps.last?.step == .complete(DumpOutcome()))
    }
}

/// A kernel that serves the newer request alone.
private func twoWalksOnly(_ errno: Errno) -> (PlayedKernel.Request) -> [UInt8] {
    { request in
        switch request.scope {
        case .everyFamily: request.refusal(errno)
        case .ipv4: request.row(.establishedIPv4) + request.done
        case .ipv6: request.row(.listenIPv6) + request.done
        }
    }
}

func rows(_ fixtures: Fixture...) throws -> [TCPConnection] {
    try fixtures.compactMap(\.expected).map { try TCPConnection($0) }
}
