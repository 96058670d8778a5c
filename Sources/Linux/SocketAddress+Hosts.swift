import Glibc
import SystemPackage

// Hosts and ports of IPv4 and IPv6.
extension SocketAddress {
    /// Why a host has no address.
    package struct ResolutionError: Error {
        /// In the resolver's words, or the kernel's.
        package let explanation: String
    }

    /// Looks a host up: numeric addresses without asking anyone, names as the system resolves them.
    /// Of a name's addresses it takes an IPv4 one first, as other exporters do.
    ///
    /// The corresponding C function is `getaddrinfo`.
    package init(host: String, port: UInt16) throws(ResolutionError) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let first = unsafe list else {
            throw ResolutionError(explanation: explain(resolverCode: code))
        }
        defer { unsafe freeaddrinfo(first) }
        let preferred = unsafe sequence(first: first, next: { unsafe $0.pointee.ai_next })
            .first { unsafe $0.pointee.ai_family == AF_INET }
        let info = unsafe (preferred ?? first).pointee
        unsafe self.init(copying: info.ai_addr, byteCount: info.ai_addrlen)
    }

    /// The address and the port in numbers; nil where the family has none.
    ///
    /// The corresponding C function is `getnameinfo`.
    package var numericHost: (host: String, port: UInt16)? {
        guard family == AF_INET || family == AF_INET6 else { return nil }
        // An IPv6 address and a zone, which is an interface's name.
        var host = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 1 + Int(IFNAMSIZ))
        var port = [CChar](repeating: 0, count: 6)
        let code = unsafe withPointer { address, byteCount in
            unsafe getnameinfo(
                address, byteCount, &host, socklen_t(host.count), &port, socklen_t(port.count),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        guard code == 0, let number = UInt16(text(port)) else { return nil }
        return (text(host), number)
    }
}

private func text(_ characters: [CChar]) -> String {
    String(
        decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

private func explain(resolverCode code: CInt) -> String {
    guard code != EAI_SYSTEM else { return Errno(rawValue: errno).description }
    guard let text = unsafe gai_strerror(code) else { return "resolver error \(code)" }
    return unsafe String(cString: text)
}
