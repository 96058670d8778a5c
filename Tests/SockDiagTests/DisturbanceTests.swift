import CLinux
import SystemPackage
import TCPModel
import Testing

@testable import SockDiag

/// `NLM_F_DUMP_INTR`, `linux/netlink.h`, in an answer of several parts.
private let disturbed: UInt16 = 0x12

/// Dumps that the kernel calls disturbed, or that lose messages on their way.
struct DisturbanceTests {
    @Test(arguments: [false, true], [1, 2])
    func aDisturbedDumpIsDoneAgain(_ isTheEndMarked: Bool, _ disturbances: Int) throws {
        let kernel = PlayedKernel(bytes: { request in
            let flags = request.number < disturbances ? disturbed : 2
            return request.row(.establishedIPv4, flags: isTheEndMarked ? 2 : flags)
                + request.control(3, flags: isTheEndMarked ? flags : 2)
        })
        var dump = kernel.dump
        let result = try dump.collect()
        #expect(try result.rows == rows(.establishedIPv4))
        #expect(result.attempts == disturbances + 1)
        #expect(result.outcome == .init(interruptions: disturbances, isInterrupted: false))
    }

    @Test func aDumpStillDisturbedAtTheLastAttemptIsGivenAndSaysSo() throws {
        let kernel = PlayedKernel(bytes: { request in
            request.row(.establishedIPv4, flags: disturbed) + request.done
        })
        var dump = kernel.dump
        let result = try dump.collect()
        #expect(try result.rows == rows(.establishedIPv4))
        #expect(result.attempts == TCPSocketDump.attemptsMax)
        #expect(
            result.outcome == .init(interruptions: TCPSocketDump.attemptsMax, isInterrupted: true))
    }

    @Test func aDisturbanceOfOneFamilyDisturbsTheDump() throws {
        let kernel = PlayedKernel(bytes: { request in
            if request.scope == .everyFamily { return request.refusal(.invalidArgument) }
            return request.control(3, flags: request.scope == .ipv4 ? disturbed : 2)
        })
        var dump = kernel.dump
        #expect(try dump.collect().outcome.isInterrupted)
    }

    @Test func aMarkOnAnotherAnswerDisturbsNothing() throws {
        let kernel = PlayedKernel(bytes: { request in
            message(type: 18, flags: disturbed, sequence: request.sequence + 1, portID: 1)
                + request.done
        })
        var dump = kernel.dump
        #expect(try dump.collect().outcome == .init())
    }

    @Test(arguments: Loss.allCases, [1, 2])
    func aDumpThatLostMessagesIsDoneAgain(_ loss: Loss, _ losses: Int) throws {
        let kernel = PlayedKernel { request in
            let row = request.row(.establishedIPv4)
            if request.number < losses { return [.datagram(row), loss.event(request)] }
            return [.datagram(row + request.done)]
        }
        var dump = kernel.dump
        let result = try dump.collect()
        #expect(try result.rows == rows(.establishedIPv4))
        #expect(result.attempts == losses + 1)
        #expect(result.outcome == .init())
    }

    @Test(arguments: Loss.allCases)
    func aDumpThatLosesMessagesEveryTimeIsAnError(_ loss: Loss) {
        let kernel = PlayedKernel { [loss.event($0)] }
        var dump = kernel.dump
        let error = error { () throws(ConnectionSourceError) in try dump.collect() }
        #expect(error == .overrun(attempts: TCPSocketDump.attemptsMax))
        #expect(kernel.requests.count == TCPSocketDump.attemptsMax)
    }

    @Test(arguments: Loss.allCases)
    func aDumpThatLostMessagesLastIsAnErrorHoweverTheOthersEnded(_ loss: Loss) {
        let kernel = PlayedKernel { request in
            let isLast = request.number == TCPSocketDump.attemptsMax - 1
            return isLast
                ? [loss.event(request)] : [.datagram(request.control(3, flags: disturbed))]
        }
        var dump = kernel.dump
        let error = error { () throws(ConnectionSourceError) in try dump.collect() }
        #expect(error == .overrun(attempts: TCPSocketDump.attemptsMax))
    }

    @Test func oneFamilysLossOutweighsTheOthersDisturbance() {
        let kernel = PlayedKernel { request in
            switch request.scope {
            case .everyFamily: [.datagram(request.refusal(.invalidArgument))]
            case .ipv4: [Loss.overrunMessage.event(request)]
            case .ipv6: [.datagram(request.control(3, flags: disturbed))]
            }
        }
        var dump = kernel.dump
        let error = error { () throws(ConnectionSourceError) in try dump.collect() }
        #expect(error == .overrun(attempts: TCPSocketDump.attemptsMax))
    }
}

/// The ways to learn that messages were lost.
enum Loss: CaseIterable {
    case noBufferSpace
    case overrunMessage

    func event(_ request: PlayedKernel.Request) -> PlayedKernel.Event {
        switch self {
        case .noBufferSpace: .failure(.systemCall("recvfrom", .noBufferSpace))
        case .overrunMessage: .datagram(request.control(Int(NLMSG_OVERRUN), nil))
        }
    }
}
