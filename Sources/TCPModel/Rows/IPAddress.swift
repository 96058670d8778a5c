import Glibc

/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable {
    /// Which kind of address it is; an IPv4-mapped one is IPv6.
    public let family: AddressFamily
    /// The bytes in network order, as two words in memory order; IPv4 fills the first four.
    package let words: (UInt64, UInt64)

    /// The 4 or 16 bytes in network order.
    public var bytes: [UInt8] {
        unsafe withUnsafeBytes(of: words) { bytes in
            unsafe Array(bytes.prefix(family == .ipv4 ? 4 : 16))
        }
    }

    package init(family: AddressFamily, words: (UInt64, UInt64)) {
        self.family = family
        self.words = words
    }

    /// Whether family and bytes are the same.
    public static func == (a: Self, b: Self) -> Bool {
        a.family == b.family && a.words == b.words
    }

    /// Hashes family and bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(family)
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    /// The family's "any": `0.0.0.0` or `::`.
    public static func wildcard(_ family: AddressFamily) -> IPAddress {
        IPAddress(family: family, words: (0, 0))
    }

    /// Whether it is the family's "any".
    public var isWildcard: Bool { words == (0, 0) }

    /// Whether it means something only beside an interface: fe80::/10 (RFC 4291, section 2.5.6).
    public var isLinkLocal: Bool {
        family == .ipv6 && UInt64(bigEndian: words.0) >> 54 == 0xFE80 >> 6
    }

    /// The IPv4 address that an IPv4-mapped IPv6 address (`::ffff:a.b.c.d`, RFC 4291) stands for.
    public var unmapped: IPAddress? {
        guard family == .ipv6, words.0 == 0 else { return nil }
        let low = UInt64(bigEndian: words.1)
        guard low >> 32 == 0xFFFF else { return nil }
        return IPAddress(family: .ipv4, words: (UInt64(bigEndian: low << 32), 0))
    }

    /// The IPv4-mapped IPv6 address of this IPv4 address.
    package var mapped: IPAddress {
        let low = 0xFFFF << 32 | UInt64(bigEndian: words.0) >> 32
        return IPAddress(family: .ipv6, words: (0, UInt64(bigEndian: low)))
    }
}

extension IPAddress: CustomStringConvertible {
    /// The usual text, by `inet_ntop(3)`.
    public var description: String {
        var bytes = words
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        let isWritten = unsafe inet_ntop(domain, &bytes, &text, socklen_t(text.count)) != nil
        precondition(isWritten, "the buffer holds the longest address")
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
