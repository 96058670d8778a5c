import Testing

@testable import MetricsServer

@Suite struct ListenAddressTests {
    @Test(arguments: [
        (":10793", ":10793", 10793),
        ("127.0.0.1:9", "127.0.0.1:9", 9),
        ("0.0.0.0:0", "0.0.0.0:0", 0),
        ("[::1]:9", "[::1]:9", 9),
        ("[0:0::0:1]:9", "[::1]:9", 9),
        ("[::]:65535", "[::]:65535", 65535),
        ("[FE80::1%eth0]:9", "[fe80::1%eth0]:9", 9),
        ("[::ffff:1.2.3.4]:9", "[::ffff:1.2.3.4]:9", 9),
        ("localhost:80", "localhost:80", 80),
        ("a-host.example_net.:080", "a-host.example_net.:80", 80),
        ("unix:/run/x.sock", "unix:/run/x.sock", nil), ("unix:x", "unix:x", nil),
        ("unix:/run/x,mode=660", "unix:/run/x", nil),
        ("unix:/run/x,mode=0600", "unix:/run/x,mode=0600", nil),
        ("unix:/a,mode=0/b c,mode=7", "unix:/a,mode=0/b c,mode=07", nil),
        ("unix:/a,mode=0,mode=0660", "unix:/a,mode=0,mode=0660", nil),
        ("unix::9", "unix::9", nil),
    ])
    func addressesAreReadAndSpelledInOneWay(
        _ text: String, _ spelled: String, _ port: UInt16?
    ) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address.description == spelled)
        #expect(address.port == port)
        #expect(try ListenAddress(parsing: spelled) == address)
    }

    @Test(arguments: [
        ("", ListenAddressError.Reason.noPort), ("localhost", .noPort), ("10793", .noPort),
        ("localhost:", .noPort), (":", .noPort), ("[::1]", .noPort),
        (":http", .invalidPort), (":65536", .invalidPort), (":-1", .invalidPort),
        (":+1", .invalidPort), (":1 ", .invalidPort), (":99999999999999999999", .invalidPort),
        (":\u{661}", .invalidPort),
        ("1.2.3:9", .invalidIPv4), ("300.1.1.1:9", .invalidIPv4), ("1:9", .invalidIPv4),
        ("[]:9", .invalidIPv6), ("[::1:9", .invalidIPv6), ("[1.2.3.4]:9", .invalidIPv6),
        ("[::g]:9", .invalidIPv6), ("[::1%]:9", .invalidIPv6), ("[::1%a/b]:9", .invalidIPv6),
        ("::1:9", .missingBrackets), ("a:b:9", .missingBrackets),
        ("a b:9", .invalidHost), ("a/b:9", .invalidHost), ("h\u{e9}:9", .invalidHost),
        ("unix:", .noPath), ("unix:,mode=0600", .noPath), ("unix:a\u{0}b", .noPath),
        ("unix:" + String(repeating: "x", count: 108), .pathTooLong),
        ("unix:x,mode=", .invalidMode), ("unix:x,mode=8", .invalidMode),
        ("unix:x,mode=1777", .invalidMode), ("unix:x,mode=-1", .invalidMode),
        ("a\u{0}b:9", .invalidHost), ("::1]:9", .missingBrackets),
    ])
    func otherTextsAreRefusedWithAReason(_ text: String, _ reason: ListenAddressError.Reason) {
        #expect(throws: ListenAddressError(text: text, reason: reason)) {
            try ListenAddress(parsing: text)
        }
    }

    @Test func theErrorNamesTheTextOnOneLine() throws {
        let error = #expect(throws: ListenAddressError.self) {
            try ListenAddress(parsing: "a\nb")
        }
        #expect(
            error?.description == "invalid listen address \"a\\nb\": "
                + "no port; expected :PORT, HOST:PORT, [IPv6]:PORT or unix:PATH")
    }
}
