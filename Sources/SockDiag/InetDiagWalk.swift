import CLinux
import SystemPackage
import TCPModel

/// One request and its reply: one walk of the kernel through its socket table.
struct InetDiagWalk {
    /// How a walk ended that was not an error; a later case is the worse one.
    enum End: Int, Comparable {
        case complete
        /// The table changed while the kernel read it (`NLM_F_DUMP_INTR`).
        case interrupted
        /// Messages were lost (`ENOBUFS`, `NLMSG_OVERRUN`).
        case overrun

        static func < (a: End, b: End) -> Bool { a.rawValue < b.rawValue }
    }

    /// What the rows tell besides themselves.
    struct Evidence {
        /// Whether any socket has an upper-layer protocol that the kernel reported.
        var isUpperLayerProtocolSeen = false
        /// Whether the kernel reported marks, as it does to processes with `CAP_NET_ADMIN` over the
        /// namespace and to no others.
        var isMarkSeen = false
        /// How many packets sockets have dropped, by cookie, where that was asked for.
        var droppedCounts: [UInt64: UInt32] = [:]
    }

    /// The most that `netlink_dump` in the kernel fills; a longer buffer gains nothing.
    static let bufferByteCount = 32 * 1024

    /// How many datagrams that hold no reply are skipped: the socket is connected to the kernel and
    /// new, so even the first one is odd.
    private static let foreignDatagramsMax = 1024

    private let transport: NetlinkTransport
    private let request: InetDiagRequest
    private var isSent = false
    private var isInterrupted = false
    private var foreignDatagramCount = 0

    init(_ transport: NetlinkTransport, _ request: InetDiagRequest) {
        self.transport = transport
        self.request = request
    }

    /// Sends the request, if that has not been done, receives the next datagram of the reply and appends
    /// its rows.
    ///
    /// - Returns: How the walk ended; nil while it goes on.
    mutating func next(
        _ buffer: inout [UInt8], _ rows: inout [TCPConnection], _ evidence: inout Evidence
    ) throws(ConnectionSourceError) -> End? {
        if !isSent { try transport.send(request.bytes) }
        isSent = true
        guard let datagram = try receive(into: &buffer) else { return .overrun }
        guard datagram.senderPortID == 0 else { return try skipForeign() }
        guard datagram.byteCount > 0 else { throw .endedEarly }
        guard datagram.byteCount <= buffer.count else {
            throw .datagramTooLong(byteCount: datagram.byteCount)
        }
        let reading: Reading
        do throws(DecodeError) {
            let bytes = unsafe buffer.span.bytes.extracting(0..<datagram.byteCount)
            reading = try read(bytes, &rows, &evidence)
        } catch {
            throw .malformed(error)
        }
        switch reading {
        case .foreign: return try skipForeign()
        case .more: return nil
        case .done: return isInterrupted ? .interrupted : .complete
        case .overrun: return .overrun
        case .failed(let errno): throw Self.failure(errno)
        }
    }

    private mutating func skipForeign() throws(ConnectionSourceError) -> End? {
        foreignDatagramCount += 1
        guard foreignDatagramCount <= Self.foreignDatagramsMax else { throw .flooded }
        return nil
    }

    /// The next datagram, now in the buffer; nil when it was lost.
    private func receive(
        into buffer: inout [UInt8]
    ) throws(ConnectionSourceError) -> NetlinkDatagram? {
        do throws(ConnectionSourceError) {
            return try transport.receive(&buffer)
        } catch {
            guard case .systemCall(_, .noBufferSpace) = error else { throw error }
            return nil
        }
    }

    /// A kernel without inet_diag or tcp_diag finds no handler for the request.
    private static func failure(_ errno: Errno) -> ConnectionSourceError {
        switch errno {
        case .noSuchFileOrDirectory, .notSupportedOnSocket, .protocolNotSupported:
            .unavailable(errno)
        default: .refused(errno)
        }
    }
}

// MARK: - One datagram

extension InetDiagWalk {
    /// What a datagram holds.
    private enum Reading {
        /// No message for this walk: those with another sequence number or port ID answer others.
        case foreign
        case more
        case done
        case overrun
        case failed(Errno)
    }

    private mutating func read(
        _ datagram: RawSpan, _ rows: inout [TCPConnection], _ evidence: inout Evidence
    ) throws(DecodeError) -> Reading {
        var offset = 0
        var reading = Reading.foreign
        while offset < datagram.byteCount {
            let message = try NetlinkMessage(in: datagram, at: offset)
            offset = message.end
            guard message.sequence == request.sequence, message.portID == transport.portID else {
                continue
            }
            reading = .more
            if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
            if message.isSocket {
                let socket = try InetDiagMessage(datagram.extracting(message.payload))
                if socket.upperLayerProtocol != nil { evidence.isUpperLayerProtocolSeen = true }
                if socket.hasMark { evidence.isMarkSeen = true }
                if let count = socket.droppedCount { evidence.droppedCounts[socket.cookie] = count }
                rows.append(try TCPConnection(socket))
            } else if let end = try Self.end(message, in: datagram) {
                return end
            }
        }
        return reading
    }

    /// What a message that is no row ends; nil for other types, which netlink asks to skip.
    private static func end(
        _ message: NetlinkMessage, in datagram: RawSpan
    ) throws(DecodeError) -> Reading? {
        switch Int32(message.type) {
        case NLMSG_DONE, NLMSG_ERROR:
            let number = try message.errorNumber(in: datagram)
            if number != 0 { return .failed(Errno(rawValue: number)) }
            return Int32(message.type) == NLMSG_DONE ? .done : nil
        case NLMSG_OVERRUN: return .overrun
        default: return nil
        }
    }
}

extension NetlinkMessage {
    /// Whether the payload is an `inet_diag_msg`: the reply has the type of the request.
    fileprivate var isSocket: Bool {
        Int32(type) == CLINUX_SOCK_DIAG_BY_FAMILY || Int32(type) == CLINUX_TCPDIAG_GETSOCK
    }
}
