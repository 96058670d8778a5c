import Glibc
import Linux
import SystemPackage

/// The service manager that started this process, and expects notifications (`man 3 sd_notify`).
struct ServiceManager {
    private let socketName: String

    /// Nil without a service manager. Clears the environment variable, so that no child process
    /// sends notifications.
    init?() {
        guard let name = unsafe getenv("NOTIFY_SOCKET") else { return nil }
        socketName = unsafe String(cString: name)
        unsafe unsetenv("NOTIFY_SOCKET")
        guard !socketName.isEmpty else { return nil }
    }

    /// Notifies that the service answers requests.
    func notifyReady(status: String) throws(Errno) {
        try send("READY=1\nSTATUS=\(status)")
    }

    /// Notifies that the service is stopping.
    func notifyStopping() throws(Errno) {
        try send("STOPPING=1")
    }

    /// One datagram to the path, or to the abstract name that begins with `@`. Other kinds of
    /// sockets are refused as unsupported.
    private func send(_ state: String) throws(Errno) {
        let address =
            switch socketName.first {
            case "/": SocketAddress(unixPath: socketName)
            case "@": SocketAddress(abstractUnixName: Array(socketName.utf8.dropFirst()))
            default: throw .addressFamilyNotSupported
            }
        guard let address else { throw .fileNameTooLong }
        try send(Array(state.utf8), to: address)
    }

    private func send(_ message: [UInt8], to address: SocketAddress) throws(Errno) {
        let socket = try Descriptor(socket: AF_UNIX, SOCK_DGRAM)
        let number = socket.rawValue
        // A manager that does not read must not block the service.
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        let timeoutByteCount = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &timeout, timeoutByteCount)
        try unsafe address.withPointer { address, byteCount throws(Errno) in
            _ = try systemCall {
                unsafe sendto(
                    number, message, message.count, CInt(MSG_NOSIGNAL), address, byteCount)
            }
        }
    }
}
