import Testing

@testable import Owners

struct SanitizedTextTests {
    private static let samples = [
        "", "a", "plain", "é", "añb", "日本語", "😀😀", "e\u{301}x", "👩‍👩‍👧‍👦", "a\nb\"c\\d",
        "\u{1}\u{7F}\u{10FFFF}",
    ]

    @Test(arguments: samples)
    func textWithinTheLimitIsWhole(_ text: String) {
        let bytes = Array(text.utf8)
        for limit in max(32, bytes.count)...64 {
            #expect(Array(SanitizedText.text(bytes, byteCountMax: limit).utf8) == bytes)
        }
    }

    @Test(arguments: samples)
    func longTextIsCutBetweenCharactersAndEndsInAHash(_ text: String) {
        let bytes = Array(String(repeating: text + "x", count: 65).utf8)
        for limit in 32...64 {
            let cut = SanitizedText.text(bytes, byteCountMax: limit)
            let kept = longestPrefix(of: String(decoding: bytes, as: UTF8.self), limit - 17)
            #expect(Array(cut.utf8.prefix(kept.count)) == kept)
            let mark = cut.utf8.dropFirst(kept.count)
            #expect(mark.first == UInt8(ascii: "~"))
            #expect(mark.dropFirst().count == 16)
        }
    }

    @Test func twoLongNamesNeverBecomeOne() {
        let names = (0..<1000).map { String(repeating: "a", count: 200) + String($0) }
        let cut = Set(names.map { SanitizedText.text($0.utf8, byteCountMax: 128) })
        #expect(cut.count == names.count)
        #expect(cut.allSatisfy { $0.utf8.count == 128 })
    }

    @Test(
        arguments: [
            ([0xFF], "\u{FFFD}"), ([0x61, 0xC3], "a\u{FFFD}"), ([0xC3, 0x28], "\u{FFFD}("),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
            ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"), ([0x61, 0, 0x62], "a\u{FFFD}b"),
        ] as [([UInt8], String)])
    func invalidTextIsReplaced(_ bytes: [UInt8], _ text: String) {
        #expect(SanitizedText.text(bytes, byteCountMax: 128) == text)
    }

    @Test func replacedBytesCountAsWhatReplacesThem() {
        let bytes = [UInt8](repeating: 0xFF, count: 4000)
        for limit in 32...130 {
            let cut = SanitizedText.text(bytes, byteCountMax: limit)
            #expect(cut.utf8.count <= limit)
            #expect(cut.hasPrefix(String(repeating: "\u{FFFD}", count: (limit - 17) / 3)))
        }
    }

    @Test func anyBytesGiveValidTextWithinTheLimit() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...80)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            let limit = Int.random(in: 32...80)
            #expect(SanitizedText.text(bytes, byteCountMax: limit).utf8.count <= limit)
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
