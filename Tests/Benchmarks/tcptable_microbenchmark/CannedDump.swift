import CLinux
import SockDiag
import TCPModel

/// A kernel that answers each request for a dump with the same rows.
final class CannedDump {
    /// What the kernel fills at most (`netlink_dump`).
    private static let datagramByteCountMax = 32 * 1024

    private var datagrams: [[UInt8]] = [[]]
    private var next = 0

    /// - Parameter rowCount: Established connections, of which the n-th has the n-th inode; every fourth or
    ///   so is IPv6, in no order that a processor could foresee.
    init(rowCount: Int, firstInode: UInt32) {
        for index in 0..<rowCount {
            let row = Self.row(index, inode: firstInode + UInt32(index))
            if datagrams[datagrams.count - 1].count + row.count > Self.datagramByteCountMax {
                datagrams.append([])
            }
            datagrams[datagrams.count - 1] += row
        }
        datagrams.append(Self.message(UInt16(NLMSG_DONE), [UInt8](repeating: 0, count: 4)))
    }

    /// A way to it.
    func transport() -> NetlinkTransport {
        NetlinkTransport(
            portID: 0,
            send: { (request) throws(ConnectionSourceError) in self.begin(request) },
            receive: { (buffer) throws(ConnectionSourceError) in self.receive(&buffer) })
    }

    /// Puts the number of the request that comes next into each message, as the answer to it has it.
    func expect(sequence: UInt32) {
        for index in datagrams.indices {
            let stride = Int(datagrams[index][0])
            for offset in Swift.stride(from: 0, to: datagrams[index].count, by: stride) {
                Self.put(sequence, into: &datagrams[index], at: offset + Int(NLMSGHDR_SEQ))
            }
        }
    }

    private func begin(_ request: [UInt8]) {
        let place = Int(NLMSGHDR_SEQ)..<Int(NLMSGHDR_SEQ) + 4
        precondition(request[place] == datagrams[0][place], "another request was expected")
        next = 0
    }

    private func receive(_ buffer: inout [UInt8]) -> NetlinkDatagram {
        let count = datagrams[next].count
        unsafe buffer.withUnsafeMutableBytes { buffer in
            unsafe datagrams[next].withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
        }
        next += 1
        return NetlinkDatagram(byteCount: count)
    }
}

// MARK: - Bytes

extension CannedDump {
    /// A row as Linux 6.18 gives it to root: 124 bytes.
    private static func row(_ index: Int, inode: UInt32) -> [UInt8] {
        var payload = [UInt8](repeating: 0, count: Int(INET_DIAG_MSG_BYTES))
        let isIPv6 = UInt32(index) &* 0x9E37_79B9 >> 30 == 0
        payload[Int(INET_DIAG_MSG_FAMILY)] = isIPv6 ? 10 : 2  // AF_INET6, AF_INET
        payload[Int(INET_DIAG_MSG_STATE)] = 1  // TCP_ESTABLISHED
        put(UInt16(443).bigEndian, into: &payload, at: Int(INET_DIAG_MSG_SPORT))
        let port = UInt16(32_768 + index % 28_232)
        put(port.bigEndian, into: &payload, at: Int(INET_DIAG_MSG_DPORT))
        put(UInt32(0x0A00_0001).bigEndian, into: &payload, at: Int(INET_DIAG_MSG_SRC))
        put(UInt32(0x0A00_0002).bigEndian, into: &payload, at: Int(INET_DIAG_MSG_DST))
        put(UInt64(4096 + index), into: &payload, at: Int(INET_DIAG_MSG_COOKIE))
        put(inode, into: &payload, at: Int(INET_DIAG_MSG_INODE))
        payload += attribute(8, [0])  // INET_DIAG_SHUTDOWN
        payload += attribute(UInt16(CLINUX_INET_DIAG_CGROUP_ID), [1, 0, 0, 0, 0, 0, 0, 0])
        payload += attribute(22, [0, 0])  // INET_DIAG_SOCKOPT
        payload += attribute(UInt16(CLINUX_INET_DIAG_MARK), [0, 0, 0, 0])
        return message(UInt16(CLINUX_TCPDIAG_GETSOCK), payload)
    }

    private static func message(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: Int(NLMSGHDR_BYTES))
        put(UInt32(header.count + payload.count), into: &header, at: Int(NLMSGHDR_LEN))
        put(type, into: &header, at: Int(NLMSGHDR_TYPE))
        return header + payload
    }

    private static func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: Int(NLATTR_BYTES))
        put(UInt16(header.count + payload.count), into: &header, at: Int(NLATTR_LEN))
        put(type, into: &header, at: Int(NLATTR_TYPE))
        return header + payload + [UInt8](repeating: 0, count: -payload.count & 3)
    }

    /// In the machine's own byte order, as netlink has it.
    private static func put<T: FixedWidthInteger & BitwiseCopyable>(
        _ value: T, into bytes: inout [UInt8], at offset: Int
    ) {
        unsafe bytes.withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: value, toByteOffset: offset, as: T.self)
        }
    }
}
