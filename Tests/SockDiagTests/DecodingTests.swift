import TCPModel
import Testing

@testable import SockDiag

struct DecodingTests {
    @Test(arguments: Fixture.rows)
    func aRowSaysWhatItsBytesSay(_ fixture: Fixture) throws {
        #expect(try decode(fixture.payload) == #require(fixture.expected))
    }

    @Test(arguments: Fixture.rows)
    func everyPrefixIsAWholeRowWithoutItsLastAttributesOrAnError(_ fixture: Fixture) throws {
        let payload = fixture.payload
        let ends = attributeEnds(payload)
        for byteCount in 0..<payload.count {
            let row = try? decode(Array(payload.prefix(byteCount)))
            // Padding may be missing at the end, and nothing else.
            let isWhole = ends.contains { $0.contains(byteCount) }
            #expect((row != nil) == isWhole, "the first \(byteCount) bytes")
            #expect(row == nil || row?.cookie == fixture.expected?.cookie)
        }
    }

    @Test(arguments: Fixture.rows)
    func aRowAtAnOddAddressIsTheSame(_ fixture: Fixture) throws {
        let shifted = [0xFF] + fixture.payload
        let row = try unsafe InetDiagMessage(shifted.span.bytes.extracting(droppingFirst: 1))
        #expect(row == fixture.expected)
    }

    @Test(arguments: [
        (attribute(21, wire(UInt32(1))), "INET_DIAG_CGROUP_ID at byte 0 needs 8 bytes, 4 are left"),
        (attribute(99, [], length: 3), "netlink attribute at byte 72 claims 3 bytes"),
        (attribute(99, [], length: 0), "netlink attribute at byte 72 claims 0 bytes"),
        (attribute(99, [], length: 5), "netlink attribute at byte 72 needs 5 bytes, 4 are left"),
        (attribute(99, [], length: 65535), "needs 65535 bytes, 4 are left"),
        ([1], "netlink attribute header at byte 72 needs 4 bytes, 1 are left"),
        ([4, 0, 1], "netlink attribute header at byte 72 needs 4 bytes, 3 are left"),
        (attribute(19, [4]), "netlink attribute header at byte 0 needs 4 bytes, 1 are left"),
        (attribute(19, attribute(1, [], length: 2)), "netlink attribute at byte 0 claims 2 bytes"),
        (attribute(19, attribute(2, [0, 0, 0])), "header at byte 0 needs 4 bytes, 3 are"),
        (attribute(19, attribute(2, [0, 0, 0, 0])), "netlink attribute at byte 0 claims 0 bytes"),
        (attribute(19, attribute(2, attribute(1, [3]))), "TLS_INFO_VERSION at byte 0 needs 2"),
        (attribute(19, attribute(2, attribute(2, []))), "TLS_INFO_CIPHER at byte 0 needs 2"),
        (attribute(19, attribute(2, attribute(3, []))), "TLS_INFO_TXCONF at byte 0 needs 2"),
        (attribute(19, attribute(2, attribute(4, []))), "TLS_INFO_RXCONF at byte 0 needs 2"),
    ])
    func aMalformedAttributeIsAnErrorThatSaysWhere(_ attribute: [UInt8], _ text: String) throws {
        let payload = Fixture.establishedIPv4.payload.prefix(72) + attribute
        let error = #expect(throws: DecodeError.self) { try decode(Array(payload)) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("tls", true), ("tls\0", true), ("", false), ("tl", false), ("tls1", false),
        ("TLS", false), ("mptcp\0", false), ("smc", false), ("espintcp", false), ("tls\0\0", false),
    ])
    func kernelTLSIsKnownByItsName(_ name: String, _ isTLS: Bool) throws {
        let information = attribute(19, attribute(1, Array(name.utf8)))
        let row = try decode(Fixture.establishedIPv4.payload.prefix(72) + information)
        #expect(row.upperLayerProtocol == (isTLS ? .tls(KernelTLSInfo()) : .other))
    }

    /// `TCP_NEW_SYN_RECV` and `TCP_BOUND_INACTIVE` of `include/net/tcp_states.h`, which no kernel reports yet.
    @Test(arguments: [(12 as UInt8, TCPState.synRecv), (13, .close), (1, .established)])
    func aStateOfTheKernelsOwnIsTheOneThatItBelongsTo(_ value: UInt8, _ state: TCPState) throws {
        var row = try decode(Fixture.establishedIPv4.payload)
        row.state = value
        #expect(try TCPConnection(row).state == state)
    }

    @Test func aRowWithoutAttributesHasNoCgroupAndNoProtocol() throws {
        let row = try decode(Array(Fixture.establishedIPv4.payload.prefix(72)))
        #expect(row.cgroupID == nil)
        #expect(row.upperLayerProtocol == nil)
    }
}

func decode(_ payload: [UInt8]) throws(DecodeError) -> InetDiagMessage {
    try unsafe InetDiagMessage(payload.span.bytes)
}

/// The lengths at which a payload can end between two attributes: with their padding or without.
private func attributeEnds(_ payload: [UInt8]) -> [ClosedRange<Int>] {
    var ends = [72...72]
    var offset = 72
    while offset < payload.count {
        let length = Int(payload[offset]) | Int(payload[offset + 1]) << 8
        let padded = min(payload.count, (offset + length + 3) & ~3)
        ends.append(offset + length...padded)
        offset = padded
    }
    return ends
}
