// Messages that no kernel at hand could be brought to send. Rows are `establishedIPv4` with other
// attributes, laid out after linux/inet_diag.h, linux/tls.h and net/tls/tls_main.c (tls_get_info);
// the others after linux/netlink.h.

@testable import SockDiag

extension Fixture {
    /// Kernel TLS with one direction on the device.
    static let kernelTLSIPv4 = row(
        "kernel TLS",
        attributes: [
            0x38, 0x00,  // nla_len 56
            0x13, 0x00,  // INET_DIAG_ULP_INFO
            0x08, 0x00,  // nla_len 8
            0x01, 0x00,  // INET_ULP_INFO_NAME
            0x74, 0x6C, 0x73, 0x00,  // "tls"
            0x2C, 0x00,  // nla_len 44
            0x02, 0x00,  // INET_ULP_INFO_TLS
            0x06, 0x00,  // nla_len 6
            0x01, 0x00,  // TLS_INFO_VERSION
            0x04, 0x03,  // TLS 1.3
            0x00, 0x00,  // padding
            0x06, 0x00,  // nla_len 6
            0x02, 0x00,  // TLS_INFO_CIPHER
            0x34, 0x00,  // TLS_CIPHER_AES_GCM_256
            0x00, 0x00,  // padding
            0x06, 0x00,  // nla_len 6
            0x03, 0x00,  // TLS_INFO_TXCONF
            0x03, 0x00,  // TLS_CONF_HW
            0x00, 0x00,  // padding
            0x06, 0x00,  // nla_len 6
            0x04, 0x00,  // TLS_INFO_RXCONF
            0x02, 0x00,  // TLS_CONF_SW
            0x00, 0x00,  // padding
            0x04, 0x00,  // nla_len 4
            0x05, 0x00,  // TLS_INFO_ZC_RO_TX, a flag
            0x04, 0x00,  // nla_len 4
            0x06, 0x00,  // TLS_INFO_RX_NO_PAD, a flag
        ],
        .tls(KernelTLSInfo(version: 0x0304, cipher: 52, transmit: 3, receive: 2)))

    /// Only a name, without its terminating zero, under the nesting flag that newer interfaces set.
    static let kernelTLSByNameIPv4 = row(
        "kernel TLS that tells only its name",
        attributes: [
            0x0C, 0x00,  // nla_len 12
            0x13, 0x80,  // INET_DIAG_ULP_INFO | NLA_F_NESTED
            0x07, 0x00,  // nla_len 7
            0x01, 0x00,  // INET_ULP_INFO_NAME
            0x74, 0x6C, 0x73,  // "tls"
            0x00,  // padding
        ],
        .tls(KernelTLSInfo()))

    /// Another upper-layer protocol.
    static let smcIPv4 = row(
        "SMC",
        attributes: [
            0x0C, 0x00,  // nla_len 12
            0x13, 0x00,  // INET_DIAG_ULP_INFO
            0x08, 0x00,  // nla_len 8
            0x01, 0x00,  // INET_ULP_INFO_NAME
            0x73, 0x6D, 0x63, 0x00,  // "smc"
        ],
        .other)

    /// A row of a kernel to come.
    static let unknownAttributesIPv4 = row(
        "unknown attributes",
        attributes: [
            0x08, 0x00,  // nla_len 8
            0xFF, 0x3F,  // the greatest number there is
            0xFF, 0xFF, 0xFF, 0xFF,
            0x04, 0x00,  // nla_len 4
            0x63, 0x00,  // 99, without a payload
            0x13, 0x00,  // nla_len 19
            0x13, 0x00,  // INET_DIAG_ULP_INFO
            0x05, 0x00,  // nla_len 5
            0x09, 0x00,  // 9
            0xFF,
            0x00, 0x00, 0x00,  // padding
            0x07, 0x00,  // nla_len 7
            0x0A, 0x00,  // 10
            0xFF, 0xFF, 0xFF,  // the last attribute may lack its padding
        ],
        .other)

    private static func row(
        _ name: String, attributes: [UInt8], _ upperLayerProtocol: UpperLayerProtocol
    ) -> Fixture {
        let base = establishedIPv4.payload.prefix(72)
        var expected = establishedIPv4.expected
        expected?.cgroupID = nil
        expected?.hasMark = false
        expected?.upperLayerProtocol = upperLayerProtocol
        let bytes = message(
            type: 18, sequence: 7, portID: 8240, payload: base + attributes)
        return Fixture(name, bytes: bytes, expected: expected)
    }
}

extension Fixture {
    /// The end of a dump, in the fewest bytes.
    static let doneWithoutPayload = Fixture(
        "NLMSG_DONE without a payload", bytes: message(type: 3, sequence: 7, portID: 8240))

    /// A dump that failed on its way.
    static let doneWithError = Fixture(
        "NLMSG_DONE with ENOMEM",
        bytes: message(type: 3, sequence: 7, portID: 8240, payload: wire(Int32(-12))))

    /// A request refused; the kernel repeats its header.
    static let error = Fixture(
        "NLMSG_ERROR with EINVAL",
        bytes: message(
            type: 2, flags: 0, sequence: 7, portID: 8240,
            payload: wire(Int32(-22)) + message(type: 18, sequence: 7, portID: 8240)))

    /// A dump that lost messages.
    static let overrun = Fixture(
        "NLMSG_OVERRUN", bytes: message(type: 4, sequence: 7, portID: 8240))
}
