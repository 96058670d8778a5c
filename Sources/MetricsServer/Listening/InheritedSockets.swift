import Glibc
import SystemPackage

/// The sockets that a service manager has opened and passes on (`man 3 sd_listen_fds`).
package enum InheritedSockets {
    /// Why they cannot be taken.
    package enum Failure: Error, Hashable, CustomStringConvertible {
        /// The environment names none, or those of another process.
        case none
        /// A variable is no number, or too large a one.
        case malformed(variable: String, value: String)
        /// A descriptor is closed, or is no stream socket that listens.
        case unsuitable(descriptor: CInt, String)

        package var description: String {
            switch self {
            case .none:
                "no sockets were passed: LISTEN_PID and LISTEN_FDS do not name any for this process "
                    + "(start it by a systemd socket unit)"
            case .malformed(let variable, let value):
                "\(variable) is \(value.debugDescription), which is no count of sockets"
            case .unsuitable(let descriptor, let why):
                "the socket passed as descriptor \(descriptor) cannot be served: \(why)"
            }
        }
    }

    /// `SD_LISTEN_FDS_START`, `systemd/sd-daemon.h`.
    private static let firstDescriptor: CInt = 3
    /// More than any unit passes.
    private static let countMax: CInt = 256

    /// Takes them, and clears the environment, so that no child takes them for its own. To be called
    /// before there are other threads, once.
    package static func take() throws(Failure) -> [ListenAddress] {
        defer {
            for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) }
        }
        guard let process = try number("LISTEN_PID", max: .max), process == getpid(),
            let count = try number("LISTEN_FDS", max: countMax), count > 0
        else { throw .none }
        var addresses: [ListenAddress] = []
        for descriptor in firstDescriptor..<firstDescriptor + count {
            try prepare(descriptor)
            addresses.append(ListenAddress(.inherited(descriptor: descriptor)))
        }
        return addresses
    }

    private static func number(_ variable: String, max: CInt) throws(Failure) -> CInt? {
        guard let start = unsafe getenv(variable) else { return nil }
        let value = unsafe String(cString: start)
        guard let number = CInt(value), number >= 0, number <= max else {
            throw .malformed(variable: variable, value: value)
        }
        return number
    }

    /// Makes it what our own sockets are: closed in children, and never waited for.
    private static func prepare(_ descriptor: CInt) throws(Failure) {
        if let why = whyUnsuitable(descriptor) {
            throw .unsuitable(descriptor: descriptor, why)
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, flags >= 0,
            fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0
        else {
            throw .unsuitable(
                descriptor: descriptor, Errno(rawValue: errno).description)
        }
    }

    private static func whyUnsuitable(_ descriptor: CInt) -> String? {
        guard let type = option(SO_TYPE, of: descriptor) else {
            return Errno(rawValue: errno).description
        }
        guard type == CInt(SOCK_STREAM.rawValue) else { return "it is no stream socket" }
        guard option(SO_ACCEPTCONN, of: descriptor) == 1 else { return "it does not listen" }
        switch option(SO_DOMAIN, of: descriptor) {
        case AF_INET, AF_INET6, AF_UNIX: return nil
        default: return "it is of no family that HTTP is served on"
        }
    }

    /// The corresponding C function is `getsockopt`.
    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var byteCount = socklen_t(MemoryLayout<CInt>.size)
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &byteCount)
        return result == 0 ? value : nil
    }
}
