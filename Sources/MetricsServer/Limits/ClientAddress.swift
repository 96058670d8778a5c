import Glibc
import Linux

/// Who a client is, as far as limits go: an IPv4 address, or the first half of an IPv6 one, since
/// whoever has one IPv6 address commonly has a network of 2⁶⁴ (RFC 6177).
///
/// An IPv4 client is the same whether it comes by an IPv4 socket or by an IPv6 one.
package struct ClientAddress: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// Nil for clients that have no such address: those of a Unix socket.
    init?(_ address: SocketAddress) {
        let client = unsafe address.withPointer { address, _ in unsafe ClientAddress(address) }
        guard let client else { return nil }
        self = client
    }

    /// Nil for clients that have no such address: those of a Unix socket.
    init?(_ address: UnsafePointer<sockaddr>?) {
        guard let raw = unsafe UnsafeRawPointer(address) else { return nil }
        switch CInt(unsafe raw.load(as: sa_family_t.self)) {
        case AF_INET:
            self.init(ipv4: unsafe raw.load(as: sockaddr_in.self).sin_addr.s_addr)
        case AF_INET6:
            let address = unsafe raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            self.init(ipv6: address)
        default:
            return nil
        }
    }

    /// - Parameter address: In network byte order.
    init(ipv4 address: UInt32) {
        high = 0
        low = 0xffff_0000_0000 | UInt64(UInt32(bigEndian: address))
    }

    init(ipv6 address: in6_addr) {
        let halves = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        let isMapped = halves.0 == 0 && halves.1 >> 32 == 0xffff
        high = halves.0
        low = isMapped ? halves.1 : 0
    }
}
