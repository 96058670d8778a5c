import SystemPackage
import TCPModel
import TableFakes

@testable import SockDiag

/// Plays the kernel for a dump: it answers each request by what `answer` makes of it, keeps the
/// requests, and knows how many transports are open.
final class PlayedKernel {
    /// What a call of `receive` comes to.
    enum Event {
        case datagram([UInt8], sender: UInt32 = 0)
        /// A datagram that is longer than any buffer.
        case tooLong(Int)
        case failure(ConnectionSourceError)
        /// Something that comes again and again.
        indirect case forever(Event)
    }

    /// A request as the kernel reads it.
    struct Request: Equatable {
        /// Counted from 0.
        let number: Int
        let bytes: [UInt8]
        let portID: UInt32

        var type: UInt16 { UInt16(bytes[4]) | UInt16(bytes[5]) << 8 }
        var sequence: UInt32 {
            bytes[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        var scope: InetDiagRequest.Scope {
            if type == 18 { return .everyFamily }
            return bytes[16] == 2 ? .ipv4 : .ipv6
        }

        /// A row that answers this request.
        func row(_ fixture: Fixture, flags: UInt16 = 2) -> [UInt8] {
            fixture.answering(sequence: sequence, portID: portID, flags: flags)
        }

        /// A message of another kind that answers this request.
        func control(_ type: Int, flags: UInt16 = 2, _ number: Int32? = 0) -> [UInt8] {
            message(
                type: type, flags: flags, sequence: sequence, portID: portID,
                payload: number.map { wire($0) } ?? [])
        }

        var done: [UInt8] { control(3) }
        func refusal(_ errno: Errno) -> [UInt8] { control(2, flags: 0, -errno.rawValue) }
    }

    private(set) var requests: [Request] = []
    private let answer: (Request) -> [Event]

    init(_ answer: @escaping (Request) -> [Event]) {
        self.answer = answer
    }

    /// Answers with one datagram a request.
    convenience init(bytes answer: @escaping (Request) -> [UInt8]) {
        self.init { [.datagram(answer($0))] }
    }

    var dump: TCPSocketDump {
        TCPSocketDump { () throws(ConnectionSourceError) in self.transport() }
    }

    /// A transport with its own port; nothing comes before a request.
    func transport() -> NetlinkTransport {
        let portID = 5000 + UInt32(requests.count)
        var events: [Event] = []
        return NetlinkTransport(
            portID: portID,
            send: { bytes in
                let request = Request(number: self.requests.count, bytes: bytes, portID: portID)
                self.requests.append(request)
                events = self.answer(request).reversed()
            },
            receive: { (buffer) throws(ConnectionSourceError) in
                // A real socket would wait for ever.
                guard let event = events.popLast() else { throw .systemCall("silence", .timedOut) }
                if case .forever(let event) = event {
                    events.append(.forever(event))
                    return try event.datagram(&buffer)
                }
                return try event.datagram(&buffer)
            })
    }
}

extension PlayedKernel.Event {
    fileprivate func datagram(_ buffer: inout [UInt8]) throws(ConnectionSourceError)
        -> NetlinkDatagram
    {
        switch self {
        case .datagram(let bytes, let sender):
            let copied = min(bytes.count, buffer.count)
            buffer.replaceSubrange(0..<copied, with: bytes.prefix(copied))
            return NetlinkDatagram(byteCount: bytes.count, senderPortID: sender)
        case .tooLong(let byteCount): return NetlinkDatagram(byteCount: byteCount)
        case .failure(let error): throw error
        case .forever(let event): return try event.datagram(&buffer)
        }
    }
}

/// What one dump gave.
struct DumpResult: Equatable {
    var rows: [TCPConnection] = []
    /// How often the table was read from its start.
    var attempts = 1
    var outcome = DumpOutcome()
}

extension TCPSocketDump {
    /// Reads a table, keeping the rows that count.
    mutating func collect(
        _ subject: InetDiagRequest.Subject = .everySocket
    ) throws(ConnectionSourceError) -> DumpResult {
        self.subject = subject
        let (rows, attempts, outcome) = try rows()
        return DumpResult(rows: rows, attempts: attempts, outcome: outcome)
    }
}

/// The error of a dump that must fail.
func error(_ dump: () throws(ConnectionSourceError) -> DumpResult) -> ConnectionSourceError? {
    do throws(ConnectionSourceError) {
        _ = try dump()
        return nil
    } catch {
        return error
    }
}
