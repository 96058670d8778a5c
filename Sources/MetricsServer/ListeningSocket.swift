import Glibc
import SystemPackage

/// A non-blocking socket that takes connections; closed when dropped, and its file removed.
struct ListeningSocket: ~Copyable {
    private static let released: CInt = -1

    private var descriptor: CInt
    /// The file that was made for it.
    var file: UnixSocketFile?

    /// Opens a socket on the address. `:PORT` listens on IPv6 and IPv4 by one socket, and on IPv4
    /// alone where the kernel has no IPv6.
    init(on address: ListenAddress) throws(MetricsServerError) {
        switch address.endpoint {
        case .host(let host, let port):
            self = try Self.open(address, host: host, port: port)
        case .everyAddress(let port):
            do throws(MetricsServerError) {
                self = try Self.open(address, host: "::", port: port)
            } catch .cannotListen(_, let cause) where isMissingIPv6(cause) {
                self = try Self.open(address, host: "0.0.0.0", port: port)
            }
        case .unix(let path, let mode):
            self = try Self.open(address, path, mode: mode)
        case .inherited(let descriptor):
            self.init(owning: descriptor)
        }
    }

    private init(owning descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// The numeric address and port, or the path, that the kernel bound the socket to.
    var boundAddress: ListenAddress {
        SocketAddress(boundBy: descriptor).listenAddress
    }

    /// Gives the descriptor away, and the file: whoever calls closes the one and removes the other.
    consuming func release() -> (descriptor: CInt, file: UnixSocketFile?) {
        defer {
            descriptor = Self.released
            file = nil
        }
        return (descriptor, file)
    }

    deinit {
        guard descriptor != Self.released else { return }
        // In this order: until it is closed, no other file can have its inode.
        file?.remove()
        _ = close(descriptor)
    }

    private static func open(
        _ address: ListenAddress, host: String, port: UInt16
    ) throws(MetricsServerError) -> ListeningSocket {
        let socketAddress: SocketAddress
        do throws(SocketAddress.ResolutionError) {
            socketAddress = try SocketAddress(host: host, port: port)
        } catch {
            throw .cannotResolve(address, error.explanation)
        }
        do throws(Errno) {
            let opened = try ListeningSocket(family: socketAddress.family)
            try opened.listen(on: socketAddress)
            return opened
        } catch {
            throw .cannotListen(address, error)
        }
    }

    /// The corresponding C function is `socket`.
    init(family: CInt) throws(Errno) {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        self.init(owning: try check(socket(family, type, 0)))
    }

    /// The corresponding C functions are `setsockopt`, `bind` and `listen`.
    private borrowing func listen(on address: SocketAddress) throws(Errno) {
        // A restarted exporter takes its port over from connections in TIME_WAIT.
        try setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 {
            // Whatever net.ipv6.bindv6only says: `[::]` takes IPv4 clients too.
            try setOption(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        try bind(to: address)
        try listen()
    }

    /// The corresponding C function is `bind`.
    borrowing func bind(to address: SocketAddress) throws(Errno) {
        _ = try check(
            unsafe address.withPointer { unsafe Glibc.bind(descriptor, $0, $1) })
    }

    /// The corresponding C function is `connect`.
    borrowing func connect(to address: SocketAddress) throws(Errno) {
        _ = try check(
            unsafe address.withPointer { unsafe Glibc.connect(descriptor, $0, $1) })
    }

    /// The corresponding C function is `listen`.
    borrowing func listen() throws(Errno) {
        _ = try check(Glibc.listen(descriptor, SOMAXCONN))
    }

    /// The permission bits that its file will have, less the umask's. The corresponding C function is
    /// `fchmod`, which Linux lets speak of a socket before it has a file.
    borrowing func setMode(_ mode: UInt16) throws(Errno) {
        _ = try check(fchmod(descriptor, mode_t(mode)))
    }

    private borrowing func setOption(
        _ level: CInt, _ name: CInt, _ value: CInt
    ) throws(Errno) {
        var value = value
        let byteCount = socklen_t(MemoryLayout<CInt>.size)
        _ = try check(unsafe setsockopt(descriptor, level, name, &value, byteCount))
    }
}

private func check(_ result: CInt) throws(Errno) -> CInt {
    guard result >= 0 else { throw Errno(rawValue: errno) }
    return result
}

/// A kernel without IPv6 refuses the family; one where a sysctl disables it, the address.
private func isMissingIPv6(_ cause: Errno) -> Bool {
    cause == .addressFamilyNotSupported || cause == .addressNotAvailable
}
