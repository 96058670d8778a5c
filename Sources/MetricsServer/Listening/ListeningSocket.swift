import Glibc
import Linux
import SystemPackage

/// A non-blocking socket that accepts connections; closed when its owner is gone, and its file removed.
struct ListeningSocket: ~Copyable {
    /// The file that was made for it. Stands first, so that it goes first: until the socket is closed, no
    /// other file can have its inode.
    private let file: UnixSocketFile?
    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor, file: consuming UnixSocketFile? = nil) {
        self.descriptor = descriptor
        self.file = file
    }

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
            do throws(Errno) {
                self = try Self.open(path, mode: mode)
            } catch {
                throw .cannotListen(address, error)
            }
        case .inherited(let descriptor):
            self.init(Descriptor(owning: descriptor))
        }
    }

    /// The numeric address and port, or the path, that the kernel bound the socket to.
    var boundAddress: ListenAddress {
        get throws(Errno) { ListenAddress(boundTo: try SocketAddress(boundBy: descriptor)) }
    }

    /// The descriptor's number, to accept from.
    var rawValue: CInt { descriptor.rawValue }

    /// Sets how much the kernel buffers, in each direction, of each connection that comes from now on.
    func setBuffers(byteCount: Int) throws(Errno) {
        for option in [SO_SNDBUF, SO_RCVBUF] {
            try descriptor.setOption(SOL_SOCKET, option, CInt(clamping: byteCount))
        }
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
            return ListeningSocket(try .listening(on: socketAddress))
        } catch {
            throw .cannotListen(address, error)
        }
    }
}

extension Descriptor {
    /// A non-blocking stream socket.
    init(streamSocket family: CInt) throws(Errno) {
        try self.init(socket: family, SOCK_STREAM, flags: SOCK_NONBLOCK)
    }

    fileprivate static func listening(on address: SocketAddress) throws(Errno) -> Descriptor {
        let socket = try Descriptor(streamSocket: address.family)
        // A restarted exporter takes its port over from connections in TIME_WAIT.
        try socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 {
            // Whatever net.ipv6.bindv6only says: `[::]` accepts IPv4 clients too.
            try socket.setOption(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        try socket.bind(to: address)
        try socket.listen()
        return socket
    }

    /// The corresponding C function is `bind`.
    borrowing func bind(to address: SocketAddress) throws(Errno) {
        let number = rawValue
        try unsafe address.withPointer { address, byteCount throws(Errno) in
            _ = try systemCall { unsafe Glibc.bind(number, address, byteCount) }
        }
    }

    /// The corresponding C function is `connect`.
    borrowing func connect(to address: SocketAddress) throws(Errno) {
        let number = rawValue
        try unsafe address.withPointer { address, byteCount throws(Errno) in
            _ = try systemCall { unsafe Glibc.connect(number, address, byteCount) }
        }
    }

    /// The corresponding C function is `listen`.
    borrowing func listen() throws(Errno) {
        let number = rawValue
        _ = try systemCall { Glibc.listen(number, SOMAXCONN) }
    }

    /// The corresponding C function is `setsockopt`.
    fileprivate borrowing func setOption(
        _ level: CInt, _ name: CInt, _ value: CInt
    ) throws(Errno) {
        let number = rawValue
        var value = value
        let byteCount = socklen_t(MemoryLayout<CInt>.size)
        _ = try systemCall { unsafe setsockopt(number, level, name, &value, byteCount) }
    }
}

/// A kernel without IPv6 refuses the family; one where a sysctl disables it, the address.
private func isMissingIPv6(_ cause: Errno) -> Bool {
    cause == .addressFamilyNotSupported || cause == .addressNotAvailable
}
