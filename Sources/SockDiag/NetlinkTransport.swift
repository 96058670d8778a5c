import CLinux
import Glibc
import SystemPackage
package import TCPModel

/// The two ways in which the kernel is spoken to, as closures: a test can play the kernel.
package struct NetlinkTransport {
    /// The port that answers are addressed to.
    package let portID: UInt32
    /// Sends one message to the kernel.
    package let send: ([UInt8]) throws(ConnectionSourceError) -> Void
    /// Waits for a datagram and puts it at the start of the buffer, whose length does not change.
    package let receive: (inout [UInt8]) throws(ConnectionSourceError) -> NetlinkDatagram

    package init(
        portID: UInt32,
        send: @escaping ([UInt8]) throws(ConnectionSourceError) -> Void,
        receive: @escaping (inout [UInt8]) throws(ConnectionSourceError) -> NetlinkDatagram
    ) {
        self.portID = portID
        self.send = send
        self.receive = receive
    }

    /// A new `NETLINK_SOCK_DIAG` socket in the calling thread's network namespace, closed when the
    /// transport is gone.
    package static func kernel() throws(ConnectionSourceError) -> NetlinkTransport {
        let socket = try NetlinkSocket()
        return NetlinkTransport(
            portID: socket.portID,
            send: { (message) throws(ConnectionSourceError) in try socket.send(message) },
            receive: { (buffer) throws(ConnectionSourceError) in try socket.receive(into: &buffer) })
    }
}

/// A datagram that `NetlinkTransport.receive` put in the buffer.
package struct NetlinkDatagram {
    /// Its true length, which is more than the buffer's when it did not fit.
    package var byteCount: Int
    /// Who sent it: 0 is the kernel.
    package var senderPortID: UInt32

    package init(byteCount: Int, senderPortID: UInt32 = 0) {
        self.byteCount = byteCount
        self.senderPortID = senderPortID
    }
}

/// A netlink socket connected to the kernel; closed with its last reference.
private final class NetlinkSocket {
    private let descriptor: FileDescriptor
    let portID: UInt32

    /// Opens the socket, lets the kernel choose its port, and connects it, so that the kernel drops
    /// what other processes send to it.
    init() throws(ConnectionSourceError) {
        let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let opened = retryingOnInterrupt { socket(AF_NETLINK, type, NETLINK_SOCK_DIAG) }
        guard opened >= 0 else { throw Self.openingError(Errno(rawValue: errno)) }
        descriptor = FileDescriptor(rawValue: opened)
        do throws(ConnectionSourceError) {
            portID = try Self.connect(descriptor)
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    deinit { try? descriptor.close() }

    func send(_ message: [UInt8]) throws(ConnectionSourceError) {
        let sent = retryingOnInterrupt {
            unsafe Glibc.send(descriptor.rawValue, message, message.count, 0)
        }
        guard sent == message.count else { throw .systemCall("send", Errno(rawValue: errno)) }
    }

    func receive(into buffer: inout [UInt8]) throws(ConnectionSourceError) -> NetlinkDatagram {
        var sender = sockaddr_nl()
        var senderByteCount = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let capacity = buffer.count
        // MSG_TRUNC makes the kernel return the datagram's true length.
        let received = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe withSocketAddress(&sender) { address in
                retryingOnInterrupt {
                    unsafe recvfrom(
                        descriptor.rawValue, bytes.baseAddress, capacity,
                        Int32(MSG_TRUNC), address, &senderByteCount)
                }
            }
        }
        guard received >= 0 else { throw .systemCall("recvfrom", Errno(rawValue: errno)) }
        return NetlinkDatagram(byteCount: received, senderPortID: sender.nl_pid)
    }

    private static func connect(_ descriptor: FileDescriptor) throws(ConnectionSourceError) -> UInt32 {
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        var byteCount = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let connected = unsafe withSocketAddress(&address) { address in
            retryingOnInterrupt { unsafe Glibc.connect(descriptor.rawValue, address, byteCount) }
        }
        guard connected == 0 else { throw .systemCall("connect", Errno(rawValue: errno)) }
        let named = unsafe withSocketAddress(&address) { address in
            retryingOnInterrupt { unsafe getsockname(descriptor.rawValue, address, &byteCount) }
        }
        guard named == 0 else { throw .systemCall("getsockname", Errno(rawValue: errno)) }
        return address.nl_pid
    }

    /// A kernel without sock_diag refuses the socket itself.
    private static func openingError(_ errno: Errno) -> ConnectionSourceError {
        errno == .protocolNotSupported || errno == .addressFamilyNotSupported
            ? .unavailable(errno) : .systemCall("socket", errno)
    }
}

private func withSocketAddress<Result>(
    _ address: inout sockaddr_nl, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
    unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
    }
}

/// Calls until no signal interrupts. The kernel itself interrupts only the waits, in send and receive;
/// what stands between us and it (a seccomp supervisor, a sandbox) may interrupt every call.
private func retryingOnInterrupt<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
