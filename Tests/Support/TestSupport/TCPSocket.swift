import CTestSupport
import Foundation
import SystemPackage

/// A TCP socket on loopback; every call that can fail says what it tried.
///
/// Closing it resets its connection, so that a test leaves nothing behind in the table.
struct TCPSocket {
    let descriptor: FileDescriptor
    let family: SocketFamily

    init(_ family: SocketFamily, nonBlocking: Bool = false) throws {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | (nonBlocking ? Int32(SOCK_NONBLOCK.rawValue) : 0)
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        self.init(
            owning: try check(socket(domain, kind, 0), "cannot open a socket"), family)
        _ = try check(test_reset_on_close(descriptor.rawValue), "cannot set SO_LINGER")
    }

    private init(owning rawValue: Int32, _ family: SocketFamily) {
        descriptor = FileDescriptor(rawValue: rawValue)
        self.family = family
    }

    func close() { try? descriptor.close() }

    func bind(to endpoint: Endpoint) throws {
        let result = unsafe endpoint.withSockaddr { unsafe Glibc.bind(descriptor.rawValue, $0, $1) }
        _ = try check(result, "cannot bind to \(endpoint)")
    }

    func listen(backlog: Int32 = 16) throws {
        _ = try check(Glibc.listen(descriptor.rawValue, backlog), "cannot listen")
    }

    /// Connects; a non-blocking socket has only begun when this returns.
    func connect(to endpoint: Endpoint) throws {
        let result = unsafe endpoint.withSockaddr {
            unsafe Glibc.connect(descriptor.rawValue, $0, $1)
        }
        if result < 0 && errno == EINPROGRESS { return }
        _ = try check(result, "cannot connect to \(endpoint)")
    }

    func accept() throws -> TCPSocket {
        let accepted = try check(test_accept(descriptor.rawValue), "cannot accept")
        let socket = TCPSocket(owning: accepted, family)
        _ = try check(test_reset_on_close(accepted), "cannot set SO_LINGER")
        return socket
    }

    /// Sends a FIN and keeps the descriptor, `shutdown(SHUT_WR)`.
    func finish() throws {
        _ = try check(
            shutdown(descriptor.rawValue, Int32(SHUT_WR)), "cannot shut a connection down")
    }

    func dropReceivedPackets() throws {
        _ = try check(
            test_drop_received_packets(descriptor.rawValue), "cannot attach a socket filter")
    }

    /// Asks for a listener's connections to be made only once data has come, `TCP_DEFER_ACCEPT`.
    func deferAccept(seconds: Int32) throws {
        var seconds = seconds
        let result = unsafe setsockopt(
            descriptor.rawValue, Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT, &seconds,
            socklen_t(MemoryLayout<Int32>.size))
        _ = try check(result, "cannot set TCP_DEFER_ACCEPT")
    }

    /// Lets closing the socket end its connection in TCP's own time again.
    func closeGracefully() throws {
        var off = linger(l_onoff: 0, l_linger: 0)
        let result = unsafe setsockopt(
            descriptor.rawValue, SOL_SOCKET, SO_LINGER, &off, socklen_t(MemoryLayout<linger>.size))
        _ = try check(result, "cannot clear SO_LINGER")
        try closeForGood()
    }

    /// The loopback endpoint that the socket has itself.
    func endpoint() throws -> Endpoint {
        // The port lies at the same place in sockaddr_in and sockaddr_in6.
        var address = sockaddr_in6()
        var byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor.rawValue, $0, &byteCount)
            }
        }
        _ = try check(result, "cannot ask the port")
        return Endpoint(family, port: UInt16(bigEndian: address.sin6_port))
    }

    /// Waits until the socket is in the state: loopback mostly delivers at once, but not always.
    func awaitState(_ state: SocketState, within limit: Duration = .seconds(5)) throws {
        let deadline = ContinuousClock.now + limit
        var seen: Int32
        repeat {
            seen = try check(test_tcp_state(descriptor.rawValue), "cannot ask the TCP state")
            if seen == state.rawValue { return }
            usleep(1000)
        } while ContinuousClock.now < deadline
        throw SupportError(what: "awaiting \(state.label), seeing state \(seen)", cause: .timedOut)
    }
}
