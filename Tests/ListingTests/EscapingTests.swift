import Testing

@testable import Listing

struct EscapingTests {
    @Test(arguments: [
        ("nginx.service", "nginx.service", 13), ("my program", "my program", 10),
        ("a  b", #"a \x20b"#, 7), (" a", #"\x20a"#, 5), ("a ", #"a\x20"#, 5), (" ", #"\x20"#, 4),
        ("-", #"\x2d"#, 4), ("-a", "-a", 2), ("(protected)", #"\x28protected)"#, 14),
        ("a(b)", "a(b)", 4),
        ("", "\"\"", 2), ("\"\"", #"\x22""#, 5), (#"a\b"#, #"a\\b"#, 4), (#"\x1b"#, #"\\x1b"#, 5),
        ("\u{1B}[2J", #"\x1b[2J"#, 7), ("a\nb", #"a\x0ab"#, 6), ("a\tb", #"a\x09b"#, 6),
        ("a\u{7F}", #"a\x7f"#, 5), ("a\u{9B}31m", #"a\u{9b}31m"#, 10),
        ("a\u{202E}b", #"a\u{202e}b"#, 10), ("a\u{2066}b", #"a\u{2066}b"#, 10),
        ("a\u{200D}b", #"a\u{200d}b"#, 10), ("\u{FEFF}a", #"\u{feff}a"#, 9),
        ("a\u{2028}b", #"a\u{2028}b"#, 10), ("a\u{A0}b", #"a\u{a0}b"#, 8),
        ("a\u{3000}b", #"a\u{3000}b"#, 10), ("a\u{FE0F}", #"a\u{fe0f}"#, 9),
        ("a\u{E000}", #"a\u{e000}"#, 9), ("a\u{378}", #"a\u{378}"#, 8),
        ("a\u{E0041}", #"a\u{e0041}"#, 10), ("日本語", "日本語", 6), ("ünï", "ünï", 3),
        ("e\u{301}", "e\u{301}", 1), ("\u{301}e", #"\u{301}e"#, 8), ("😀", "😀", 2),
        ("a\u{FFFD}b", "a\u{FFFD}b", 3),
    ])
    func invisibleCharactersAreEscaped(_ name: String, _ shown: String, _ width: Int) {
        var bytes: [UInt8] = []
        #expect(bytes.append(visible: name, .utf8) == width)
        #expect(text(bytes) == shown)
    }

    @Test(arguments: [("ünï", #"\u{fc}n\u{ef}"#), ("日", #"\u{65e5}"#), ("nginx", "nginx")])
    func withoutUTF8OnlyASCIIIsShown(_ name: String, _ shown: String) {
        var bytes: [UInt8] = []
        #expect(bytes.append(visible: name, .ascii) == shown.utf8.count)
        #expect(text(bytes) == shown)
    }

    /// Code points that start terminal commands or reorder lines.
    @Test func noCharacterAtAllReachesATerminalAsACommand() {
        for scalar in (0...0x2FFFF).compactMap(Unicode.Scalar.init) {
            var bytes: [UInt8] = []
            let width = bytes.append(visible: "a\(scalar)b", .utf8)
            for shown in text(bytes).unicodeScalars.map(\.value) {
                switch shown {
                case 0...0x1F, 0x7F...0x9F, 0x61C, 0x200B...0x200F, 0x2028...0x202E,
                    0x2060...0x206F, 0xFEFF:
                    Issue.record("\(scalar.value) is shown as it is")
                default: continue
                }
            }
            if !(2...12).contains(width) { Issue.record("\(scalar.value) is \(width) wide") }
        }
    }

    @Test func noTwoNamesAreShownAlike() {
        let parts = [
            "", "a", " ", "  ", "\\", "x1b", "\u{1B}", "-", "(", "\"\"", "\u{9B}", "u{9b}", "\\x20",
            "x20",
        ]
        var names: [String: String] = [:]
        for first in parts {
            for second in parts {
                for third in parts {
                    var bytes: [UInt8] = []
                    _ = bytes.append(visible: first + second + third, .utf8)
                    let other = names.updateValue(first + second + third, forKey: text(bytes))
                    #expect(other == nil || other == first + second + third)
                }
            }
        }
    }

    @Test func aMessageKeepsItsLinesAndItsSpaces() {
        let message = "Error:  a\\b\n  \u{1B}[31m\u{202E}"
        #expect(visible(message: message) == "Error:  a\\b\n  \\x1b[31m\\u{202e}")
    }
}
