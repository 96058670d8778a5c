/// Kernel TLS' counters of one network namespace (`/proc/net/tls_stat`,
/// `Documentation/networking/tls.rst`); empty while the module `tls` is not loaded.
package struct KernelTLSStatistics: Equatable, Sendable {
    /// Each counter's name and value, in the kernel's order.
    package var values: [(name: String, value: UInt64)]

    package init(values: [(name: String, value: UInt64)]) { self.values = values }

    package static func == (a: Self, b: Self) -> Bool {
        a.values.elementsEqual(b.values, by: ==)
    }

    /// The counter of this name; 0 where the kernel has none, for what it does not count it does not
    /// do either.
    package subscript(name: String) -> UInt64 {
        values.first { $0.name == name }?.value ?? 0
    }

    /// Whether any connection has kernel TLS now. Only the counters named `TlsCurr…` count
    /// connections; the others count events.
    package var hasConnections: Bool {
        values.contains { $0.name.hasPrefix("TlsCurr") && $0.value > 0 }
    }
}
