import Testing

@testable import OwnerModules

struct HostileTextTests {
    private static let samples = [
        "", "a", "plain", "é", "añb", "日本語", "😀😀", "e\u{301}x", "👩‍👩‍👧‍👦", "a\nb\"c\\d",
        "\u{0}\u{7F}\u{10FFFF}",
    ]

    @Test(arguments: samples)
    func everyCutIsTheLongestPrefixOfWholeCharacters(_ text: String) {
        for limit in 0...(text.utf8.count + 2) {
            let cut = HostileText.text(Array(text.utf8), byteCountMax: limit)
            #expect(Array(cut.utf8) == longestPrefix(of: text, limit))
        }
    }

    @Test(
        arguments: [
            ([0xFF], "\u{FFFD}"), ([0x61, 0xC3], "a\u{FFFD}"), ([0xC3, 0x28], "\u{FFFD}("),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
            ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)])
    func invalidTextIsReplaced(_ bytes: [UInt8], _ text: String) {
        #expect(HostileText.text(bytes, byteCountMax: 128) == text)
    }

    @Test func replacedBytesCountAsWhatReplacesThem() {
        let bytes = [UInt8](repeating: 0xFF, count: 4000)
        for limit in 0...130 {
            let cut = HostileText.text(bytes, byteCountMax: limit)
            #expect(cut == String(repeating: "\u{FFFD}", count: limit / 3))
        }
    }

    @Test func anyBytesGiveValidTextWithinTheLimit() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...40)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            let limit = Int.random(in: 0...40)
            let cut = HostileText.text(bytes, byteCountMax: limit)
            #expect(cut.utf8.count <= limit)
            #expect(String(decoding: bytes, as: UTF8.self).utf8.starts(with: cut.utf8))
        }
    }

    private func longestPrefix(of text: String, _ limit: Int) -> [UInt8] {
        var prefix: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if prefix.count + bytes.count > limit { break }
            prefix += bytes
        }
        return prefix
    }
}
