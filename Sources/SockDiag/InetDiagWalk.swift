import CLinux
import SystemPackage

/// One request and its answer: one walk of the kernel through its socket table.
struct InetDiagWalk {
    /// How a walk ended that was not an error; a later case is the worse one.
    enum End: Int, Comparable {
        case complete
        /// The table changed under the kernel's hands (`NLM_F_DUMP_INTR`).
        case interrupted
        /// Messages were lost (`ENOBUFS`, `NLMSG_OVERRUN`).
        case overrun

        static func < (a: End, b: End) -> Bool { a.rawValue < b.rawValue }
    }

    /// How many datagrams of others are passed over: the socket is connected to the kernel, so the
    /// first one is already odd.
    private static let foreignDatagramsMax = 1024

    let transport: NetlinkTransport
    let request: InetDiagRequest

    /// Sends the request and gives each row of the answer to `body`.
    func run(
        buffer: inout [UInt8],
        _ body: (borrowing InetDiagMessage) throws(DecodeError) -> Void
    ) throws(SockDiagError) -> End {
        try transport.send(request.bytes)
        var progress = Progress.underWay(.complete)
        while true {
            guard let byteCount = try receive(into: &buffer) else { return .overrun }
            do throws(DecodeError) {
                try unsafe read(buffer.span.bytes.extracting(0..<byteCount), &progress, body)
            } catch {
                throw .malformed(error)
            }
            switch progress {
            case .underWay: continue
            case .done(let end): return end
            case .failed(let errno): throw Self.failure(errno)
            }
        }
    }

    /// The length of the kernel's next datagram, now in the buffer; nil when it was lost.
    private func receive(into buffer: inout [UInt8]) throws(SockDiagError) -> Int? {
        for _ in 0...Self.foreignDatagramsMax {
            let datagram: NetlinkDatagram
            do throws(SockDiagError) {
                datagram = try transport.receive(&buffer)
            } catch {
                guard case .systemCall(_, .noBufferSpace) = error else { throw error }
                return nil
            }
            guard datagram.senderPortID == 0 else { continue }
            guard datagram.byteCount > 0 else { throw .endedEarly }
            guard datagram.byteCount <= buffer.count else {
                throw .datagramTooLong(byteCount: datagram.byteCount)
            }
            return datagram.byteCount
        }
        throw .flooded
    }

    /// A kernel without inet_diag or tcp_diag finds no handler for the request.
    private static func failure(_ errno: Errno) -> SockDiagError {
        switch errno {
        case .noSuchFileOrDirectory, .notSupportedOnSocket, .protocolNotSupported:
            .unavailable(errno)
        default: .refused(errno)
        }
    }
}

// MARK: - One datagram

extension InetDiagWalk {
    private enum Progress {
        case underWay(End)
        case done(End)
        case failed(Errno)
    }

    /// Reads one datagram. Messages with another sequence number or port id answer somebody else.
    private func read(
        _ datagram: RawSpan, _ progress: inout Progress,
        _ body: (borrowing InetDiagMessage) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        var offset = 0
        while offset < datagram.byteCount, case .underWay(let end) = progress {
            let message = try NetlinkMessage(in: datagram, at: offset)
            offset = message.end
            guard message.sequence == request.sequence, message.portID == transport.portID else {
                continue
            }
            if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 {
                progress = .underWay(max(end, .interrupted))
            }
            if message.isSocket {
                try body(try InetDiagMessage(datagram.extracting(message.payload)))
            } else {
                try control(message, in: datagram, &progress)
            }
        }
    }

    /// Reads a message that is no row. Unknown types are passed over, as netlink asks.
    private func control(
        _ message: NetlinkMessage, in datagram: RawSpan, _ progress: inout Progress
    ) throws(DecodeError) {
        guard case .underWay(let end) = progress else { return }
        switch Int32(message.type) {
        case NLMSG_DONE, NLMSG_ERROR:
            let number = try message.errorNumber(in: datagram)
            if number != 0 {
                progress = .failed(Errno(rawValue: number))
            } else if Int32(message.type) == NLMSG_DONE {
                progress = .done(end)
            }
        case NLMSG_OVERRUN:
            progress = .done(.overrun)
        default:
            break
        }
    }
}

extension NetlinkMessage {
    /// Whether the payload is an `inet_diag_msg`: the answer has the type of the request.
    fileprivate var isSocket: Bool {
        Int32(type) == CLINUX_SOCK_DIAG_BY_FAMILY || Int32(type) == CLINUX_TCPDIAG_GETSOCK
    }
}
