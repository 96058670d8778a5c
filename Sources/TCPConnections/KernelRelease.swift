import Procfs

/// A release of Linux, as far as behaviour depends on it.
package struct KernelRelease: Comparable, Sendable {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// - Parameter text: `6.1.0-56-cloud-amd64`, as `/proc/sys/kernel/osrelease` has it.
    package init?(text: [UInt8]) {
        let numbers = text.split(separator: UInt8(ascii: "."), maxSplits: 2)
            .map { $0.prefix { (0x30...0x39).contains($0) } }
        guard numbers.count >= 2,
            let major = UInt64(decimal: numbers[0]).flatMap(Int.init(exactly:)),
            let minor = UInt64(decimal: numbers[1]).flatMap(Int.init(exactly:))
        else { return nil }
        self.init(major, minor)
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.major, a.minor) < (b.major, b.minor)
    }

    /// Whether the running kernel tells everybody which connections have kernel TLS, as Linux 6.15 and
    /// later do (`net/ipv4/tcp_diag.c`). One that does not say what it is may not.
    static func tellsKernelTLSToAll(_ procfs: ProcFS) -> Bool {
        guard let text = try? procfs.setting("kernel/osrelease"),
            let release = KernelRelease(text: text)
        else { return false }
        return release >= KernelRelease(6, 15)
    }
}
