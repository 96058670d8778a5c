import Glibc
import SystemPackage

/// The service manager that started this process, and expects notifications (`man 3 sd_notify`).
struct ServiceManager {
    private let socketName: String

    /// Nil when nobody wants to know. Clears the environment, so that no child speaks for this
    /// process.
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
        var name = Array(socketName.utf8)
        switch name.first {
        case UInt8(ascii: "/"): name.append(0)
        case UInt8(ascii: "@"): name[0] = 0
        default: throw .addressFamilyNotSupported
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard name.count <= MemoryLayout.size(ofValue: address.sun_path) else {
            throw .fileNameTooLong
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let nameOffset =
            MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
        try send(Array(state.utf8), to: &address, byteCount: nameOffset + name.count)
    }

    private func send(
        _ message: [UInt8], to address: inout sockaddr_un, byteCount: Int
    ) throws(Errno) {
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        defer { _ = close(descriptor) }
        // A manager that does not read must not block the service.
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        let timeoutByteCount = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, timeoutByteCount)
        let sent = unsafe withUnsafePointer(to: address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe sendto(
                    descriptor, message, message.count, CInt(MSG_NOSIGNAL), address,
                    socklen_t(byteCount))
            }
        }
        guard sent == message.count else { throw Errno(rawValue: errno) }
    }
}
