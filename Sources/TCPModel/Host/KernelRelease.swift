/// A release of Linux, as far as its behaviour depends on it.
package struct KernelRelease: Comparable, Sendable {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.major, a.minor) < (b.major, b.minor)
    }

    /// Whether dumps of sockets run beside each other. Before, one holds a mutex that all others wait for
    /// (`inet_diag_table_mutex`, `net/ipv4/inet_diag.c`).
    package var dumpsSocketsConcurrently: Bool { self >= KernelRelease(6, 9) }

    /// Whether the size of `/proc/PID/fd` is the number of descriptors (`fs/proc/fd.c`).
    package var countsDescriptors: Bool { self >= KernelRelease(6, 2) }

    /// Whether an io_uring instance's fdinfo shows which sockets are registered with it. Earlier kernels
    /// show names that anybody can give to a file (`io_uring/fdinfo.c`).
    package var showsRegisteredSockets: Bool { self >= KernelRelease(6, 14) }

    /// Whether every process may see which connections have kernel TLS (`net/ipv4/tcp_diag.c`).
    package var showsKernelTLSToAll: Bool { self >= KernelRelease(6, 15) }
}
