/// A way to see kernel TLS on the sockets that processes hold, with which no program can interfere. It also
/// sees what a device has handed back.
package protocol HeldKernelTLSSource: Sendable {
    /// Those that have kernel TLS and are held now.
    ///
    /// - Parameter namespace: The inode of their network namespace.
    func sockets(in namespace: UInt64) throws(HeldKernelTLSError) -> [SocketInode: KernelTLS]
}

/// Why nothing is seen.
package enum HeldKernelTLSError: Error, Equatable {
    /// The kernel or a missing right does not allow it.
    case unavailable
    /// It went wrong; it may go well later.
    case failed(String)
}
