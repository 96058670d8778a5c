import Foundation
import HostFakes
import Linux
import TableFakes
import TestSupport
import Testing

@testable import Listing
@testable import TCPModel

struct JSONTests {
    /// The text parsed by Foundation.
    private func parsed(_ name: String) throws -> String? {
        var bytes: [UInt8] = []
        bytes.append(json: name)
        #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        let value = try JSONSerialization.jsonObject(
            with: Data(bytes), options: .fragmentsAllowed)
        return value as? String
    }

    @Test func everyByteOfANameComesBack() throws {
        for byte in UInt8.min...UInt8.max {
            let name = String(decoding: [0x61, byte, 0x62], as: UTF8.self)
            #expect(try parsed(name) == name)
        }
    }

    @Test func everyCharacterOfANameComesBack() throws {
        let scalars = (0...0x10FFFF).compactMap(Unicode.Scalar.init)
        for start in stride(from: 0, to: scalars.count, by: 1000) {
            var name = String.UnicodeScalarView()
            name.append(contentsOf: scalars[start..<min(start + 1000, scalars.count)])
            let back = try #require(try parsed(String(name)))
            #expect(back.unicodeScalars.elementsEqual(name))
        }
    }

    @Test func controlCharactersAreEscaped() {
        var bytes: [UInt8] = []
        bytes.append(json: "\u{1B}\u{9B}\u{202E}\u{E0041}\u{7F}\"\\é日")
        #expect(text(bytes) == #""\u001b\u009b\u202e\udb40\udc41\u007f\"\\é日""#)
    }

    @Test func aRowHasAllItsValues() throws {
        let stage = try Stage([
            .row(
                .established, at: "::1", port: 443, inode: 77, queues: (3, 4),
                tls: KernelTLS(.software, .device)
            )
            .to("::1", 50000).bound(to: 1)
        ])
        try stage.host.put(8, .init(executable: "/bin/a\"b", sockets: [3: 77]))
        let row = try #require(try stage.objects().first as NSDictionary?)
        let cookie = try #require(row["cookie"] as? String)
        #expect(UInt64(cookie) != nil)
        #expect(
            row == [
                "state": "established", "family": "ipv6", "local": ["address": "::1", "port": 443],
                "remote": ["address": "::1", "port": 50000], "interface": "lo",
                "netns": NSNull(), "direction": "outgoing", "user": "root", "program": "a\"b",
                "receive_queue": 3, "send_queue": 4, "user_id": 0, "inode": 77, "cookie": cookie,
                "pid": 8, "module": "a\"b", "kind": "process", "path": "/bin/a\"b",
                "reason": NSNull(), "offload_state": "offloaded",
                "tls": [
                    "version": "1.3", "cipher": "aes-gcm-128", "transmit": "software",
                    "receive": "device",
                ],
            ] as NSDictionary)
    }

    @Test func unknownValuesAreNull() throws {
        let row = try #require(try Stage([.row(.timeWait)]).objects().first)
        for name in [
            "interface", "inode", "pid", "module", "kind", "path", "tls", "program", "user",
            "netns",
        ] {
            #expect(row[name] is NSNull, "\(name)")
        }
        #expect(row["reason"] as? String == "not_found")
        #expect(row["time"] == nil)
    }

    @Test(arguments: [(5, 5.005), (50, 5.05), (500, 5.5)])
    func inAWatchEachObjectHasItsTime(_ milliseconds: Int, _ time: Double) throws {
        let stage = try Stage([.row(.listen)])
        for summary in [nil] + ListingOptions.Summary.allCases {
            let objects = try stage.objects(
                time: WallTime(seconds: 5, milliseconds: milliseconds)
            ) { $0.summary = summary }
            #expect(objects.allSatisfy { $0["time"] as? Double == time })
            #expect(!objects.isEmpty)
        }
    }
}
