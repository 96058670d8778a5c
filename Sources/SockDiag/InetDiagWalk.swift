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

    /// How many datagrams that hold no answer are passed over: the socket is connected to the kernel
    /// and new, so the first one is already odd.
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
        var layouts = AttributeLayouts()
        var foreignDatagramCount = 0
        while foreignDatagramCount <= Self.foreignDatagramsMax {
            guard let datagram = try receive(into: &buffer) else { return .overrun }
            guard try isAnswer(datagram, in: buffer, &progress, &layouts, body) else {
                foreignDatagramCount += 1
                continue
            }
            switch progress {
            case .underWay: continue
            case .done(let end): return end
            case .failed(let errno): throw Self.failure(errno)
            }
        }
        throw .flooded
    }

    /// The next datagram, now in the buffer; nil when it was lost.
    private func receive(into buffer: inout [UInt8]) throws(SockDiagError) -> NetlinkDatagram? {
        do throws(SockDiagError) {
            return try transport.receive(&buffer)
        } catch {
            guard case .systemCall(_, .noBufferSpace) = error else { throw error }
            return nil
        }
    }

    /// Reads a datagram, and tells whether it is from the kernel and holds a message for us.
    private func isAnswer(
        _ datagram: NetlinkDatagram, in buffer: [UInt8], _ progress: inout Progress,
        _ layouts: inout AttributeLayouts,
        _ body: (borrowing InetDiagMessage) throws(DecodeError) -> Void
    ) throws(SockDiagError) -> Bool {
        guard datagram.senderPortID == 0 else { return false }
        guard datagram.byteCount > 0 else { throw .endedEarly }
        guard datagram.byteCount <= buffer.count else {
            throw .datagramTooLong(byteCount: datagram.byteCount)
        }
        do throws(DecodeError) {
            let bytes = unsafe buffer.span.bytes.extracting(0..<datagram.byteCount)
            return try read(bytes, &progress, &layouts, body)
        } catch {
            throw .malformed(error)
        }
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

    /// Reads one datagram, and tells whether any of its messages is for us: those with another
    /// sequence number or port id answer somebody else.
    private func read(
        _ datagram: RawSpan, _ progress: inout Progress, _ layouts: inout AttributeLayouts,
        _ body: (borrowing InetDiagMessage) throws(DecodeError) -> Void
    ) throws(DecodeError) -> Bool {
        var offset = 0
        var isAnswer = false
        while offset < datagram.byteCount, case .underWay(let end) = progress {
            let message = try NetlinkMessage(in: datagram, at: offset)
            offset = message.end
            guard message.sequence == request.sequence, message.portID == transport.portID else {
                continue
            }
            isAnswer = true
            if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 {
                progress = .underWay(max(end, .interrupted))
            }
            if message.isSocket {
                try body(try InetDiagMessage(datagram.extracting(message.payload), &layouts))
            } else {
                try control(message, in: datagram, &progress)
            }
        }
        return isAnswer
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
