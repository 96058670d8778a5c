import Glibc
import SystemPackage

/// A `sockaddr` of any family, with its length.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
    var family: CInt { CInt(storage.ss_family) }

    /// Why a host has no address.
    struct ResolutionError: Error {
        /// In the resolver's words, or the kernel's.
        let explanation: String
    }

    /// Looks a host up: numeric addresses without asking anyone, names as the system resolves
    /// them. Of a name's addresses it takes an IPv4 one first, as other exporters do.
    ///
    /// The corresponding C function is `getaddrinfo`.
    init(host: String, port: UInt16) throws(ResolutionError) {
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
        unsafe self.init(copying: (preferred ?? first).pointee)
    }

    private init(copying info: addrinfo) {
        unsafe precondition(info.ai_addrlen <= byteCount)
        unsafe byteCount = info.ai_addrlen
        unsafe withUnsafeMutableBytes(of: &storage) { target in
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen)))
        }
    }

    /// A socket file's (`man 7 unix`).
    init(_ path: UnixSocketPath) {
        storage.ss_family = sa_family_t(AF_UNIX)
        byteCount = socklen_t(UnixSocketPath.offset + path.text.utf8.count + 1)
        unsafe withUnsafeMutableBytes(of: &storage) { target in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[UnixSocketPath.offset...])
                .copyBytes(from: path.text.utf8)
        }
    }

    /// The address a socket is bound to. The corresponding C function is `getsockname`.
    init(boundBy descriptor: CInt) {
        let result = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getsockname(descriptor, address, &byteCount)
            }
        }
        precondition(result == 0, "getsockname fails for bad arguments only")
    }

    /// Calls `body` with the address as C wants it.
    func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, byteCount)
            }
        }
    }

    /// The address in numbers, or the path.
    var listenAddress: ListenAddress {
        family == AF_UNIX ? unixListenAddress : numericListenAddress
    }

    /// The path of a socket file; an abstract name with `@` for its first byte, as `ss` shows it; no
    /// path at all where the socket has no name.
    private var unixListenAddress: ListenAddress {
        let name = unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe Array(bytes[UnixSocketPath.offset..<max(Int(byteCount), UnixSocketPath.offset)])
        }
        let isAbstract = name.first == 0
        let bytes = isAbstract ? [UInt8(ascii: "@")] + name[1...] : Array(name.prefix { $0 != 0 })
        let text = String(decoding: bytes.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
        return ListenAddress(
            .unix(UnixSocketPath(bound: text), mode: UnixSocketPath.defaultMode))
    }

    /// The corresponding C function is `getnameinfo`.
    private var numericListenAddress: ListenAddress {
        // An IPv6 address and a zone, which is an interface's name.
        let hostBytesMax = Int(INET6_ADDRSTRLEN) + 1 + Int(IFNAMSIZ)
        let portBytesMax = 6
        return unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: hostBytesMax + portBytesMax
        ) { buffer in
            let host = buffer.baseAddress
            let port = unsafe host.map { unsafe $0 + hostBytesMax }
            let code = unsafe withPointer { address, byteCount in
                unsafe getnameinfo(
                    address, byteCount, host, socklen_t(hostBytesMax), port,
                    socklen_t(portBytesMax), NI_NUMERICHOST | NI_NUMERICSERV)
            }
            guard code == 0, let host = unsafe host, let port = unsafe port,
                let number = UInt16(unsafe String(cString: port))
            else { preconditionFailure("the kernel's own address has no spelling") }
            return ListenAddress(.host(unsafe String(cString: host), port: number))
        }
    }
}

private func explain(resolverCode code: CInt) -> String {
    guard code != EAI_SYSTEM else { return Errno(rawValue: errno).description }
    guard let text = unsafe gai_strerror(code) else { return "resolver error \(code)" }
    return unsafe String(cString: text)
}
