import Foundation
import TestSupport
import Testing

@testable import Exporter

struct LogLineTests {
    @Test(arguments: [
        ("plain", "plain"), ("127.0.0.1:10793", "127.0.0.1:10793"), ("", #""""#),
        ("two words", #""two words""#), ("a=b", #""a=b""#), (#"a"b"#, #""a\"b""#),
        (#"a\b"#, #""a\\b""#), ("a\nlevel=error", #""a\nlevel=error""#),
        ("\u{7F}", #""\u007f""#), ("é", #""é""#), ("\u{2028}", #""\u2028""#),
    ])
    func logfmtQuotesWhatNeedsQuotes(_ value: String, _ expected: String) {
        #expect(
            LogLine.logfmt([("level", "info"), ("msg", value)]) == "level=info msg=\(expected)")
    }

    @Test func jsonIsOneObjectOfStrings() {
        #expect(
            LogLine.json([("level", "info"), ("msg", "a\tb")])
                == #"{"level":"info","msg":"a\u0009b"}"#)
        #expect(LogLine.json([]) == "{}")
    }

    @Test func hostileTextComesBackFromJSONAndStaysOnItsLine() throws {
        for value in hostileTexts() {
            let line = LogLine.json([("msg", value), ("after", "ok")])
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let members = try #require(object as? [String: String])
            #expect(members.count == 2)
            #expect(Array(members["msg", default: "?"].utf8) == Array(value.utf8))
            #expect(members["after"] == "ok")
            #expect(!line.breaks)
        }
    }

    @Test func hostileTextComesBackFromLogfmtAndStaysOnItsLine() throws {
        for value in hostileTexts() {
            let line = LogLine.logfmt([("msg", value), ("after", "ok")])
            let prefix = "msg="
            let suffix = " after=ok"
            try #require(line.hasPrefix(prefix) && line.hasSuffix(suffix))
            let bytes = line.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
            let field = String(decoding: bytes, as: UTF8.self)
            #expect(Array(try unquoted(field).utf8) == Array(value.utf8))
            #expect(!line.breaks)
        }
    }

    /// A field ends at a space, unless it is a quoted string, which is JSON's.
    private func unquoted(_ field: String) throws -> String {
        guard field.utf8.first == UInt8(ascii: "\"") else {
            try #require(!field.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "=") })
            return field
        }
        let object = try JSONSerialization.jsonObject(
            with: Data(field.utf8), options: .fragmentsAllowed)
        return try #require(object as? String)
    }

    /// Each of the first scalars by itself, line ends, and random text of all planes.
    private func hostileTexts() -> [String] {
        let scalars = (0..<0x100).compactMap { Unicode.Scalar($0) } + ["\u{2028}", "\u{2029}"]
        let random = (0..<500).map { _ in
            (0..<8).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x11_0000)) }
        }
        let texts = (scalars.map { [$0] } + random).map { scalars in
            scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
        }
        return texts + [
            "\r\n", "\" level=error", "\\", "\\\"", "}\n{\"a\":1}", "e\u{301}\"\u{301}",
        ]
    }
}

extension String {
    /// Whether a reader, a terminal or an editor may take a part of it for the end of a line.
    fileprivate var breaks: Bool {
        unicodeScalars.contains { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || scalar == "\u{2028}" || scalar == "\u{2029}"
        }
    }
}
