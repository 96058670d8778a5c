import Glibc
import TableFakes
import Testing

@testable import TCPModel

struct IPAddressTests {
    @Test(arguments: ["0.0.0.0", "127.0.0.1", "255.255.255.255", "1.2.3.4", "10.0.200.3"])
    func anIPv4AddressIsFourDecimalNumbers(_ text: String) {
        #expect(IPAddress(text).description == text)
    }

    @Test(arguments: [
        ("fe80::1", true), ("febf:ffff::1", true), ("fec0::1", false), ("fe7f::1", false),
        ("::1", false), ("169.254.0.1", false),
    ])
    func linkLocalIsWhatNeedsAnInterface(_ text: String, _ isLinkLocal: Bool) {
        #expect(IPAddress(text).isLinkLocal == isLinkLocal)
    }

    /// The rules and the examples of RFC 5952.
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("2001:db8::", "2001:db8::"),
        // 4.1: no leading zeros.
        ("2001:0db8::0001", "2001:db8::1"),
        // 4.2.1: as short as can be.
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        // 4.2.2: a single zero field stays.
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        // 4.2.3: the longest run, and of equal ones the first.
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        // 4.3: lower case.
        ("2001:DB8::ABCD:EF12", "2001:db8::abcd:ef12"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        // 5: the IPv4 address within stays readable.
        ("::ffff:c000:0201", "::ffff:192.0.2.1"),
    ])
    func anIPv6AddressHasItsOneText(_ text: String, _ canonical: String) {
        #expect(IPAddress(text).description == canonical)
        #expect(IPAddress(canonical) == IPAddress(text))
    }

    @Test(arguments: [
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:0.0.0.0", "0.0.0.0"),
        ("::ffff:255.255.255.255", "255.255.255.255"),
        ("::192.0.2.1", nil), ("::1", nil), ("::", nil), ("::fffe:192.0.2.1", nil),
        ("::1:ffff:192.0.2.1", nil), ("1::ffff:192.0.2.1", nil), ("64:ff9b::192.0.2.1", nil),
        ("192.0.2.1", nil), ("0.0.0.0", nil),
    ])
    func onlyAMappedAddressStandsForAnIPv4Address(_ text: String, _ unmapped: String?) {
        #expect(IPAddress(text).unmapped == unmapped.map { IPAddress($0) })
    }

    @Test(arguments: [
        ("0.0.0.0", true), ("::", true), ("0.0.0.1", false), ("::1", false), ("1::", false),
        ("::ffff:0.0.0.0", false),
    ])
    func theWildcardIsAllZeros(_ text: String, _ isWildcard: Bool) {
        #expect(IPAddress(text).isWildcard == isWildcard)
    }

    @Test func aWildcardIsItsFamilys() {
        #expect(IPAddress.wildcard(.ipv4) == IPAddress("0.0.0.0"))
        #expect(IPAddress.wildcard(.ipv6) == IPAddress("::"))
        #expect(IPAddress.wildcard(.ipv4) != .wildcard(.ipv6))
    }

    @Test func equalAddressesAreOneMemberOfASet() {
        let texts = ["1.2.3.4", "1.2.3.4", "::1", "::1", "::2", "1::", "::"]
        #expect(Set(texts.map { IPAddress($0) }).count == 5)
    }
}

extension IPAddress {
    /// The address that a text names, `inet_pton(3)`.
    init(_ text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        let isIPv6 = text.contains(":")
        let isAddress = unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &words) == 1
        precondition(isAddress, "\(text) is no address")
        self.init(family: isIPv6 ? .ipv6 : .ipv4, words: words)
    }
}
