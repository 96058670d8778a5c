import SystemPackage
import TCPModel

@testable import SockDiag

extension FuzzTarget {
    /// The reply to a dump, in two datagrams, of which the first two bytes give the first one's length. A
    /// datagram without bytes follows. A decoder that was written apart must agree about rows and end.
    static let netlink = FuzzTarget(name: "netlink") { input in
        var reader = InputReader(input)
        let byteCount = Int(reader.number(UInt16.self))
        let datagrams = [reader.bytes(byteCount), Array(reader.rest)].map {
            Array($0.prefix(InetDiagWalk.bufferByteCount))
        }
        let read = walk(datagrams)
        var naive = NaiveDump()
        let end = naive.read(datagrams)
        require(read.end == end, "the walk ended by \(read.end), the naive decoder by \(end)")
        require(read.rows == naive.rows, "\(read.rows) are not \(naive.rows)")
    }

    private static func walk(_ datagrams: [[UInt8]]) -> (rows: [TCPConnection], end: NaiveDump.End)
    {
        var pending = datagrams[...]
        let transport = NetlinkTransport(
            portID: NaiveDump.portID, send: { _ in },
            receive: { buffer in
                let datagram = pending.popFirst() ?? []
                buffer.replaceSubrange(0..<datagram.count, with: datagram)
                return NetlinkDatagram(byteCount: datagram.count)
            })
        let request = InetDiagRequest(
            scope: .everyFamily, sequence: NaiveDump.sequence, subject: .upperLayerProtocols)
        var buffer = [UInt8](repeating: 0xAA, count: InetDiagWalk.bufferByteCount)
        var rows: [TCPConnection] = []
        var evidence = InetDiagWalk.Evidence()
        var walk = InetDiagWalk(transport, request)
        do throws(ConnectionSourceError) {
            while true {
                switch try walk.next(&buffer, &rows, &evidence) {
                case .complete: return (rows, .complete)
                case .interrupted: return (rows, .interrupted)
                case .overrun: return (rows, .overrun)
                case nil: continue
                }
            }
        } catch {
            switch error {
            case .malformed: return (rows, .malformed)
            case .refused(let errno), .unavailable(let errno):
                return (rows, .failed(errno.rawValue))
            case .endedEarly: return (rows, .endedEarly)
            default: fatalError("no transport of this kind ends by \(error)")
            }
        }
    }
}

/// Reads a dump of sockets as simply as can be, after linux/netlink.h, linux/inet_diag.h, linux/tls.h and
/// net/tcp_states.h; it shares no code with the program.
private struct NaiveDump {
    enum End: Equatable {
        case complete, interrupted, overrun, malformed, endedEarly
        case failed(Int32)
    }

    static let sequence: UInt32 = 7
    static let portID: UInt32 = 8240

    var rows: [TCPConnection] = []
    private var isInterrupted = false

    private struct Malformed: Error {}

    mutating func read(_ datagrams: [[UInt8]]) -> End {
        for datagram in datagrams {
            guard !datagram.isEmpty else { return .endedEarly }
            do {
                if let end = try read(datagram) { return end }
            } catch {
                return .malformed
            }
        }
        return .endedEarly
    }

    private mutating func read(_ datagram: [UInt8]) throws -> End? {
        var start = 0
        while start < datagram.count {
            let message = try Self.part(datagram, start, header: 16, length: 4)
            start += (message.count + 3) / 4 * 4
            let isOurs =
                Self.number(message, 8, 4) == Self.sequence
                && Self.number(message, 12, 4) == Self.portID
            guard isOurs else { continue }
            // NLM_F_DUMP_INTR
            if Self.number(message, 6, 2) & 0x10 != 0 { isInterrupted = true }
            let payload = Array(message[16...])
            switch Self.number(message, 4, 2) {
            case 18, 20: rows.append(try Self.row(payload))
            case 2, 3:  // NLMSG_ERROR, NLMSG_DONE
                guard payload.isEmpty || payload.count >= 4 else { throw Malformed() }
                let code =
                    payload.isEmpty ? 0 : Int32(truncatingIfNeeded: Self.number(payload, 0, 4))
                if code != 0 { return .failed(code == .min ? .max : abs(code)) }
                if Self.number(message, 4, 2) == 3 {
                    return isInterrupted ? .interrupted : .complete
                }
            case 4: return .overrun
            default: break
            }
        }
        return nil
    }

    private static func row(_ bytes: [UInt8]) throws -> TCPConnection {
        guard bytes.count >= 72 else { throw Malformed() }
        var (cgroup, tls): (CgroupID?, KernelTLS?)
        for (type, payload) in try attributes(Array(bytes[72...])) {
            switch type {
            case 21: cgroup = CgroupID(rawValue: try value(payload, 8))
            case 19: tls = try kernelTLS(payload)
            case 7: _ = try value(payload, 36)
            default: break
            }
        }
        let families: [UInt8: AddressFamily] = [2: .ipv4, 10: .ipv6]
        let states: [TCPState?] = [
            nil, .established, .synSent, .synRecv, .finWait1, .finWait2, .timeWait, .close,
            .closeWait,
            .lastAck, .listen, .closing, .synRecv, .close,
        ]
        guard let family = families[bytes[0]], Int(bytes[1]) < states.count,
            let state = states[Int(bytes[1])]
        else { throw Malformed() }
        func endpoint(_ address: Int, _ port: Int) -> TCPEndpoint {
            TCPEndpoint(
                address: (UInt64(number(bytes, address, 8)), UInt64(number(bytes, address + 8, 8))),
                port: UInt16(bytes[port]) << 8 | UInt16(bytes[port + 1]))
        }
        let inode = UInt32(number(bytes, 68, 4))
        return TCPConnection(
            local: endpoint(8, 4), remote: endpoint(24, 6), cookie: number(bytes, 44, 8),
            cgroup: cgroup, interfaceIndex: UInt32(number(bytes, 40, 4)),
            receiveQueue: UInt32(number(bytes, 56, 4)), sendQueue: UInt32(number(bytes, 60, 4)),
            userID: UInt32(number(bytes, 64, 4)),
            inode: inode == 0 ? nil : SocketInode(rawValue: inode), family: family, state: state,
            tls: tls)
    }

    private static func kernelTLS(_ bytes: [UInt8]) throws -> KernelTLS? {
        var isNamedTLS = false
        var values: [UInt16: UInt16]?
        for (type, payload) in try attributes(bytes) {
            // INET_ULP_INFO_NAME and INET_ULP_INFO_TLS
            if type == 1 { isNamedTLS = ["tls", "tls\0"].map { Array($0.utf8) }.contains(payload) }
            guard type == 2 else { continue }
            values = [:]
            for (type, payload) in try attributes(payload) where (1...4).contains(type) {
                values?[type] = UInt16(try value(payload, 2))
            }
        }
        guard isNamedTLS || values != nil else { return nil }
        let known = values ?? [:]
        func mode(_ type: UInt16) -> KernelTLS.Mode {
            let modes: [UInt16: KernelTLS.Mode] = [
                1: .none, 2: .software, 3: .device, 4: .deviceRecord,
            ]
            return known[type].flatMap { modes[$0] } ?? .unknown
        }
        return KernelTLS(
            version: KernelTLS.Version(rawValue: known[1] ?? 0),
            cipher: KernelTLS.Cipher(rawValue: known[2] ?? 0), transmit: mode(3), receive: mode(4))
    }

    private static func attributes(_ bytes: [UInt8]) throws -> [(UInt16, [UInt8])] {
        var (start, attributes) = (0, [(UInt16, [UInt8])]())
        while start < bytes.count {
            let attribute = try part(bytes, start, header: 4, length: 2)
            // Without NLA_F_NESTED and NLA_F_NET_BYTEORDER.
            let type = UInt16(number(attribute, 2, 2)) & 0x3FFF
            attributes.append((type, Array(attribute[4...])))
            start += (attribute.count + 3) / 4 * 4
        }
        return attributes
    }

    /// What begins with its length, header included.
    private static func part(
        _ bytes: [UInt8], _ start: Int, header: Int, length: Int
    ) throws -> [UInt8] {
        let rest = Array(bytes[start...])
        guard rest.count >= header else { throw Malformed() }
        let byteCount = Int(number(rest, 0, length))
        guard byteCount >= header, byteCount <= rest.count else { throw Malformed() }
        return Array(rest[..<byteCount])
    }

    private static func value(_ bytes: [UInt8], _ byteCount: Int) throws -> UInt64 {
        guard bytes.count >= byteCount else { throw Malformed() }
        return number(bytes, 0, min(byteCount, 8))
    }

    /// Little-endian, as the machines are that it runs on.
    private static func number(_ bytes: [UInt8], _ start: Int, _ byteCount: Int) -> UInt64 {
        (0..<byteCount).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * $1) }
    }
}
