import Glibc
import TCPModel
import Testing

@testable import SockDiag

/// One netlink message, and what it says.
struct Fixture: Sendable {
    let name: String
    /// The message from its header on, padded.
    let bytes: [UInt8]
    /// The row that it is; nil for what is no row.
    let expected: InetDiagMessage?

    init(_ name: String, bytes: [UInt8], expected: InetDiagMessage? = nil) {
        self.name = name
        self.bytes = bytes
        self.expected = expected
    }

    /// What follows the netlink header, without padding.
    var payload: [UInt8] { Array(bytes[16..<Int(bytes[0]) + Int(bytes[1]) << 8]) }

    /// The same message as the answer to another request.
    func answering(sequence: UInt32, portID: UInt32, flags: UInt16? = nil) -> [UInt8] {
        var message = bytes
        message.replaceSubrange(8..<16, with: wire(sequence) + wire(portID))
        if let flags { message.replaceSubrange(6..<8, with: wire(flags)) }
        return message
    }

    static let rows = [
        establishedIPv4, listenIPv6, timeWaitIPv4, synReceivedIPv6, mappedIPv6, boundIPv4,
        multipathIPv4, kernelTLSIPv4, kernelTLSByNameIPv4, smcIPv4, unknownAttributesIPv4,
    ]

    static let all = rows + [done, doneWithoutPayload, doneWithError, error, overrun]
}

extension Fixture: CustomTestStringConvertible {
    var testDescription: String { name }
}

extension TCPEndpoint {
    /// An endpoint by the text of its address, `inet_pton(3)`.
    init(_ text: String, _ port: UInt16) {
        var bytes: (UInt64, UInt64) = (0, 0)
        let family = text.contains(":") ? AF_INET6 : AF_INET
        let isAddress = unsafe inet_pton(family, text, &bytes) == 1
        precondition(isAddress, "\(text) is no address")
        self.init(address: bytes, port: port)
    }
}

/// An integer as it lies in memory.
func wire<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    var value = value
    return unsafe withUnsafeBytes(of: &value) { unsafe [UInt8]($0) }
}

/// A netlink message, padded; `length` is what it claims to have.
func message(
    type: Int, flags: UInt16 = 2, sequence: UInt32, portID: UInt32, payload: [UInt8] = [],
    length: Int? = nil
) -> [UInt8] {
    let byteCount = UInt32(length ?? 16 + payload.count)
    let header = wire(byteCount) + wire(UInt16(type)) + wire(flags) + wire(sequence) + wire(portID)
    return padded(header + payload)
}

/// A netlink attribute, padded; `length` is what it claims to have.
func attribute(_ type: UInt16, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
    padded(wire(UInt16(length ?? 4 + payload.count)) + wire(type) + payload)
}

/// `NLMSG_ALIGN` and `NLA_ALIGN`.
private func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: -bytes.count & 3)
}
