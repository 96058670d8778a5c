import Glibc
import Synchronization
package import TCPModel

/// Rows as the kernel gives them; what a test leaves out does not matter to it.
extension TCPConnection {
    /// A row whose other end is nowhere. Its cookie is its inode number; a row without one is a socket
    /// of its own.
    package static func row(
        _ state: TCPState = .established, at local: IPAddress = "127.0.0.1", port: UInt16 = 4000,
        inode: UInt32? = nil, cookie: UInt64? = nil, cgroup: UInt64? = nil, userID: UInt32 = 0,
        queues: (receive: UInt32, send: UInt32) = (0, 0), tls: KernelTLS? = nil
    ) -> TCPConnection {
        TCPConnection(
            local: TCPEndpoint(address: local.words, port: port),
            remote: TCPEndpoint(address: (0, 0), port: 0),
            cookie: cookie ?? inode.map(UInt64.init) ?? newCookie(),
            cgroup: cgroup.map(CgroupID.init), receiveQueue: queues.receive,
            sendQueue: queues.send, userID: userID, inode: inode.map(SocketInode.init),
            family: local.family, state: state, tls: tls)
    }

    /// The row with another end.
    package func to(_ remote: IPAddress, _ port: UInt16) -> TCPConnection {
        var row = self
        row.remote = TCPEndpoint(address: remote.words, port: port)
        return row
    }

    package func bound(to interface: UInt32) -> TCPConnection {
        var row = self
        row.interfaceIndex = interface
        return row
    }
}

/// Greater than every inode number.
private let cookies = Atomic<UInt64>(1 << 32)

private func newCookie() -> UInt64 { cookies.add(1, ordering: .relaxed).newValue }

/// An address is written as `inet_pton(3)` reads it.
extension IPAddress: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        let isIPv6 = text.contains(":")
        let isAddress = unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &words) == 1
        precondition(isAddress, "no address: \(text)")
        self.init(family: isIPv6 ? .ipv6 : .ipv4, words: words)
    }

    /// From 4 or 16 bytes in network order.
    package init(_ bytes: [UInt8]) {
        let filled = bytes + Array(repeating: 0, count: 16 - bytes.count)
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            UInt64(bigEndian: bytes.reduce(0) { $0 << 8 | UInt64($1) })
        }
        self.init(
            family: bytes.count == 4 ? .ipv4 : .ipv6,
            words: (word(filled[..<8]), word(filled[8...])))
    }
}

extension KernelTLS {
    package init(
        _ transmit: Mode, _ receive: Mode, version: UInt16? = 0x0304, cipher: UInt16? = 51,
        isHandedBack: Bool? = false
    ) {
        self.init(
            version: Version(rawValue: version ?? 0), cipher: Cipher(rawValue: cipher ?? 0),
            transmit: transmit, receive: receive)
        self.isHandedBack = isHandedBack
    }
}
