import Glibc

/// The addresses that begin with the same bits, such as `10.0.0.0/8`. IPv4-mapped addresses are IPv4.
package struct IPNetwork: Hashable, Sendable {
    /// The first address.
    package let address: IPAddress
    /// How many bits the addresses have in common.
    package let prefixLength: Int

    /// Reads `ADDRESS` or `ADDRESS/BITS`; nil for anything else. Bits of the address beyond the prefix do
    /// not count.
    package init?(text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(text: String(parts[0])) else { return nil }
        let bitCount = address.family == .ipv4 ? 32 : 128
        var prefixLength = bitCount
        if parts.count > 1 {
            guard let length = Int(decimal: parts[1]), length <= bitCount else { return nil }
            prefixLength = length
        }
        let first = address.prefix(prefixLength)
        if prefixLength >= 96, let unmapped = first.unmapped {
            self.address = unmapped
            self.prefixLength = prefixLength - 96
        } else {
            self.address = first
            self.prefixLength = prefixLength
        }
    }

    /// Whether the address is in the network.
    package func contains(_ address: IPAddress) -> Bool {
        (address.unmapped ?? address).prefix(prefixLength) == self.address
    }
}

extension IPAddress {
    /// An address as `inet_pton(3)` reads it; nil for anything else.
    package init?(text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        let isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
        guard !text.utf8.contains(0),
            unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &words) == 1
        else { return nil }
        self.init(family: isIPv6 ? .ipv6 : .ipv4, words: words)
    }

    /// The address with its first bits only, the others 0.
    package func prefix(_ bitCount: Int) -> IPAddress {
        func masked(_ word: UInt64, _ bitCount: Int) -> UInt64 {
            let mask = bitCount <= 0 ? 0 : UInt64.max << UInt64(max(0, 64 - bitCount))
            return UInt64(bigEndian: UInt64(bigEndian: word) & mask)
        }
        return IPAddress(
            family: family, words: (masked(words.0, bitCount), masked(words.1, bitCount - 64)))
    }
}

extension FixedWidthInteger {
    /// Decimal digits and nothing else: no sign, no space.
    package init?(decimal digits: some StringProtocol) {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        self.init(String(digits))
    }
}
