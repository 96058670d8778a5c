import Foundation

/// An address and port on loopback.
package struct Endpoint: Sendable, CustomStringConvertible {
    package let family: SocketFamily
    private var ipv4 = sockaddr_in()
    private var ipv6 = sockaddr_in6()

    /// 127.0.0.1 or ::1, by default with a port for the kernel to pick.
    package init(_ family: SocketFamily, port: UInt16 = 0) {
        self.family = family
        ipv4.sin_family = sa_family_t(AF_INET)
        ipv4.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        ipv4.sin_port = port.bigEndian
        ipv6.sin6_family = sa_family_t(AF_INET6)
        ipv6.sin6_addr = in6addr_loopback
        ipv6.sin6_port = port.bigEndian
    }

    package var port: UInt16 {
        UInt16(bigEndian: family == .ipv4 ? ipv4.sin_port : ipv6.sin6_port)
    }

    /// `127.0.0.1:PORT` or `[::1]:PORT`, as URLs want it.
    package var description: String {
        family == .ipv4 ? "127.0.0.1:\(port)" : "[::1]:\(port)"
    }

    /// 127.0.0.1 as an IPv6 socket names it, ::ffff:127.0.0.1.
    static func mapped(port: UInt16) -> Endpoint {
        var endpoint = Endpoint(.ipv6, port: port)
        unsafe endpoint.ipv6.sin6_addr.__in6_u.__u6_addr32 = (
            0, 0, UInt32(0xffff).bigEndian, UInt32(0x7f00_0001).bigEndian
        )
        return endpoint
    }

    /// Lends the address as C wants it.
    func withSockaddr<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        func lend<Address>(_ address: Address) -> T {
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        return family == .ipv4 ? lend(ipv4) : lend(ipv6)
    }
}
