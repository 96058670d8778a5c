import SystemPackage
import TCPModel
import Testing

@testable import SockDiag

/// Answers as no kernel should send them.
struct HostileAnswerTests {
    @Test(arguments: [
        (sequence: UInt32(1), portID: UInt32(0)), (0, 1), (.max, 0), (7, .max),
    ])
    func whatAnswersAnotherRequestIsPassedOver(_ distance: (sequence: UInt32, portID: UInt32))
        throws
    {
        let result = try read { request in
            let foreign = { (type: Int, payload: [UInt8]) in
                message(
                    type: type, sequence: request.sequence &+ distance.sequence,
                    portID: request.portID &+ distance.portID, payload: payload)
            }
            let strangers =
                foreign(18, Fixture.listenIPv6.payload) + foreign(18, [1]) + foreign(3, [])
                + foreign(2, wire(Int32(-1))) + foreign(4, [])
            return [
                .datagram(strangers),
                .datagram(strangers + request.row(.establishedIPv4) + strangers + request.done),
            ]
        }
        #expect(try result == DumpResult(rows: rows(.establishedIPv4), attempts: 1))
    }

    @Test(arguments: [UInt32(1), .max])
    func whatAnotherSenderSendsIsPassedOver(_ sender: UInt32) throws {
        let result = try read { request in
            [
                .datagram(request.row(.listenIPv6) + request.done, sender: sender),
                .datagram([], sender: sender), .datagram([1, 2, 3], sender: sender),
                .datagram(request.row(.establishedIPv4) + request.done),
            ]
        }
        #expect(try result == DumpResult(rows: rows(.establishedIPv4), attempts: 1))
    }

    @Test func aFloodOfOthersDatagramsIsAnError() {
        #expect(failure { [.forever(.datagram($0.done, sender: 99))] } == .flooded)
    }

    @Test func aFloodOfOthersAnswersIsAnError() {
        let stranger = message(type: 18, sequence: 0, portID: 0)
        #expect(failure { _ in [.forever(.datagram(stranger))] } == .flooded)
    }

    @Test func aDatagramWithoutBytesEndsTheDumpTooEarly() {
        #expect(failure { [.datagram($0.row(.establishedIPv4)), .datagram([])] } == .endedEarly)
    }

    @Test(arguments: [32 * 1024 + 1, Int.max])
    func aDatagramLongerThanTheBufferIsAnError(_ byteCount: Int) {
        #expect(failure { _ in [.tooLong(byteCount)] } == .datagramTooLong(byteCount: byteCount))
    }

    @Test func aDatagramAsLongAsTheBufferIsNone() throws {
        let result = try read { request in
            let rest = 32 * 1024 - request.done.count
            let filler = message(
                type: 99, sequence: request.sequence, portID: request.portID,
                payload: [UInt8](repeating: 0xFF, count: rest - 16))
            return [.datagram(filler + request.done)]
        }
        #expect(result.attempts == 1)
    }

    @Test(arguments: [0, 1, 15])
    func aMessageShorterThanItsHeaderIsAnError(_ length: Int) {
        let error = failure { request in
            [
                .datagram(
                    request.row(.establishedIPv4)
                        + message(
                            type: 18, sequence: request.sequence, portID: request.portID,
                            length: length))
            ]
        }
        let expected = DecodeError.impossibleLength(
            field: "netlink message", offset: 124, length: length)
        #expect(error == .malformed(expected))
    }

    @Test(arguments: [17, 0x7FFF_FFFF, 0xFFFF_FFFF])
    func aMessageLongerThanItsDatagramIsAnError(_ length: Int) {
        let error = failure { request in
            [
                .datagram(
                    message(
                        type: 3, sequence: request.sequence, portID: request.portID, length: length)
                )
            ]
        }
        let expected = DecodeError.truncated(
            field: "netlink message", offset: 0, needed: length, available: 16)
        #expect(error == .malformed(expected))
    }

    @Test(arguments: 1...15)
    func aCutHeaderIsAnError(_ byteCount: Int) {
        let error = failure { request in
            [.datagram(request.row(.establishedIPv4) + request.done.prefix(byteCount))]
        }
        let expected = DecodeError.truncated(
            field: "netlink header", offset: 124, needed: 16, available: byteCount)
        #expect(error == .malformed(expected))
    }

    @Test(arguments: 0..<72)
    func aRowShorterThanItsBaseIsAnError(_ byteCount: Int) {
        let error = failure { request in
            let row = message(
                type: 20, sequence: request.sequence, portID: request.portID,
                payload: Array(Fixture.establishedIPv4.payload.prefix(byteCount)))
            return [.datagram(row)]
        }
        let expected = DecodeError.truncated(
            field: "inet_diag_msg", offset: 0, needed: 72, available: byteCount)
        #expect(error == .malformed(expected))
    }

    @Test(arguments: [1, 5, 17, 19, 21, 0xFFFF])
    func messagesOfUnknownTypesArePassedOver(_ type: Int) throws {
        let result = try read { request in
            let unknown = request.control(type, -1)
            return [.datagram(unknown + request.row(.establishedIPv4) + unknown + request.done)]
        }
        #expect(try result.rows == rows(.establishedIPv4))
    }

    @Test func whatFollowsTheEndIsNotRead() throws {
        let result = try read { [.datagram($0.done + $0.row(.listenIPv6) + [1, 2, 3])] }
        #expect(result.rows == [])
    }
}

/// Errors that the kernel tells in its answer.
struct ToldErrorTests {
    @Test func anAcknowledgementIsPassedOver() throws {
        let result = try read { request in
            [.datagram(request.control(2, 0) + request.row(.establishedIPv4) + request.done)]
        }
        #expect(try result.rows == rows(.establishedIPv4))
    }

    @Test func anEndWithoutPayloadIsTheEnd() throws {
        let result = try read { [.datagram($0.row(.establishedIPv4) + $0.control(3, nil))] }
        #expect(try result.rows == rows(.establishedIPv4))
    }

    @Test(arguments: [2, 3])
    func anErrorNumberIsAnError(_ type: Int) {
        let error = failure { [.datagram($0.row(.establishedIPv4) + $0.control(type, -12))] }
        #expect(error == .refused(.noMemory))
    }

    @Test(arguments: [(Int32(12), Int32(12)), (.min, .max), (.max, .max)])
    func anOddErrorNumberIsAnErrorToo(_ number: Int32, _ told: Int32) {
        let error = failure { [.datagram($0.control(3, number))] }
        #expect(error == .refused(Errno(rawValue: told)))
    }

    @Test(arguments: 1...3)
    func aCutErrorNumberIsMalformed(_ byteCount: Int) {
        let error = failure { request in
            [
                .datagram(
                    message(
                        type: 3, sequence: request.sequence, portID: request.portID,
                        payload: [UInt8](repeating: 0, count: byteCount)))
            ]
        }
        let expected = DecodeError.truncated(
            field: "netlink error number", offset: 0, needed: 4, available: byteCount)
        #expect(error == .malformed(expected))
    }

    @Test(arguments: [
        (
            ConnectionSourceError.systemCall("send", .ioError),
            "send on a sock_diag netlink socket failed"
        ),
        (.refused(.permissionDenied), "the kernel refused to dump its TCP sockets: "),
        (.unavailable(.noSuchFileOrDirectory), "no TCP socket diagnostics (modules inet_diag"),
        (.overrun(attempts: 3), "lost messages in each of 3 attempts"),
        (.datagramTooLong(byteCount: 70_000), "a datagram of 70000 bytes"),
        (.endedEarly, "ended before its last message"),
        (.flooded, "kept arriving"),
        (
            .malformed(.unknownValue(field: "idiag_state", value: 14)),
            "cannot be decoded: idiag_state holds 14"
        ),
    ])
    func anErrorIsASentence(_ error: ConnectionSourceError, _ text: String) {
        #expect(error.description.contains(text), "\(error)")
    }
}

/// Reads one dump from a kernel that answers so.
private func read(
    _ answer: @escaping (PlayedKernel.Request) -> [PlayedKernel.Event]
) throws(ConnectionSourceError) -> DumpResult {
    var dump = PlayedKernel(answer).dump
    return try dump.collect()
}

/// The error of such a dump.
private func failure(
    _ answer: @escaping (PlayedKernel.Request) -> [PlayedKernel.Event]
) -> ConnectionSourceError? {
    error { () throws(ConnectionSourceError) in try read(answer) }
}
