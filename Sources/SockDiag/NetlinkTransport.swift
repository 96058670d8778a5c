import CLinux
import Glibc
import Linux
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
            receive: { (buffer) throws(ConnectionSourceError) in try socket.receive(into: &buffer) }
        )
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
    private let descriptor: Descriptor
    let portID: UInt32

    /// Opens the socket, lets the kernel choose its port, and connects it, so that the kernel drops
    /// what other processes send to it.
    init() throws(ConnectionSourceError) {
        let descriptor: Descriptor
        do throws(Errno) {
            descriptor = try Descriptor(socket: AF_NETLINK, SOCK_RAW, protocol: NETLINK_SOCK_DIAG)
        } catch {
            throw Self.openingError(error)
        }
        portID = try Self.connect(descriptor)
        self.descriptor = descriptor
    }

    func send(_ message: [UInt8]) throws(ConnectionSourceError) {
        let number = descriptor.rawValue
        let sent = try call("send") {
            unsafe Glibc.send(number, message, message.count, 0)
        }
        guard sent == message.count else { throw .systemCall("send", .messageTooLong) }
    }

    func receive(into buffer: inout [UInt8]) throws(ConnectionSourceError) -> NetlinkDatagram {
        let number = descriptor.rawValue
        var sender = sockaddr_nl()
        var senderByteCount = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let capacity = buffer.count
        // MSG_TRUNC makes the kernel return the datagram's true length.
        let byteCount = try call("recvfrom") {
            unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe withSocketAddress(&sender) { address in
                    unsafe recvfrom(
                        number, bytes.baseAddress, capacity, Int32(MSG_TRUNC), address,
                        &senderByteCount)
                }
            }
        }
        return NetlinkDatagram(byteCount: byteCount, senderPortID: sender.nl_pid)
    }

    private static func connect(
        _ descriptor: borrowing Descriptor
    ) throws(ConnectionSourceError) -> UInt32 {
        let number = descriptor.rawValue
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        var byteCount = socklen_t(MemoryLayout<sockaddr_nl>.size)
        try call("connect") {
            unsafe withSocketAddress(&address) { unsafe Glibc.connect(number, $0, byteCount) }
        }
        try call("getsockname") {
            unsafe withSocketAddress(&address) { unsafe getsockname(number, $0, &byteCount) }
        }
        return address.nl_pid
    }

    /// A kernel without sock_diag refuses the socket itself.
    private static func openingError(_ errno: Errno) -> ConnectionSourceError {
        errno == .protocolNotSupported || errno == .addressFamilyNotSupported
            ? .unavailable(errno) : .systemCall("socket", errno)
    }
}

/// A system call by name, for the error.
@discardableResult
private func call<Result: SignedInteger>(
    _ name: StaticText, _ body: () -> Result
) throws(ConnectionSourceError) -> Result {
    do throws(Errno) { return try systemCall(body) } catch { throw .systemCall(name, error) }
}

private func withSocketAddress<Result>(
    _ address: inout sockaddr_nl, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
    unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
    }
}
