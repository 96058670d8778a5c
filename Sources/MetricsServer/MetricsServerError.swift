package import SystemPackage

/// Why a server did not start.
package enum MetricsServerError: Error, Hashable, CustomStringConvertible {
    /// The host's name has no address; the text is the resolver's.
    case cannotResolve(ListenAddress, String)
    /// The kernel refused the socket: taken port, missing right, no such address.
    case cannotListen(ListenAddress, Errno)
    /// libmicrohttpd did not start, for want of memory, descriptors or threads; its message is in the
    /// log.
    case cannotServe
    /// The system has no thread left for what is due at a certain time.
    case noThread(Errno)

    /// What was tried, on what, and the cause.
    package var description: String {
        switch self {
        case .cannotResolve(let address, let cause): "cannot resolve \(address): \(cause)"
        case .cannotListen(let address, let cause):
            "cannot listen on \(address): \(cause)\(Self.hint(address, cause))"
        case .cannotServe: "cannot serve: libmicrohttpd did not start"
        case .noThread(let cause): "cannot start a thread for timeouts: \(cause)"
        }
    }

    private static func hint(_ address: ListenAddress, _ cause: Errno) -> String {
        let isPrivileged = cause == .permissionDenied && (1..<1024).contains(address.port ?? 0)
        return isPrivileged ? " (ports below 1024 need CAP_NET_BIND_SERVICE)" : ""
    }
}
