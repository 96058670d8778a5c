import Configuration
import TestSupport
import Testing

@testable import WebConfiguration

/// Whatever the file holds, it is read or refused.
struct MutationTests {
    private let full = Array(Sample.full.utf8)

    /// Every outcome is fine but a crash; an error names a line of the text.
    private func read(_ bytes: [UInt8]) -> Bool {
        do throws(WebConfigurationError) {
            _ = try WebConfiguration(parsing: bytes, path: "x")
            return true
        } catch {
            let lineCount = bytes.count { $0 == 0x0a || $0 == 0x0d } + 2
            #expect(error.line.map { (1...lineCount).contains($0) } ?? true)
            return false
        }
    }

    @Test func everyPrefixIsReadOrRefused() {
        let outcomes = (0...full.count).map { read(Array(full[..<$0])) }
        #expect(outcomes.contains(true) && outcomes.contains(false))
    }

    @Test func everyByteMayBeAnyOfTheTellingOnes() {
        let telling = Array("\0\n\t :-[]{},&*!|>'\"%@#?<".utf8) + [0x7f, 0x80, 0xc3, 0xff]
        var refusalCount = 0
        for index in full.indices {
            for byte in telling {
                var bytes = full
                bytes[index] = byte
                if !read(bytes) { refusalCount += 1 }
            }
        }
        #expect(refusalCount > full.count)
    }

    @Test func piecesMayMoveAndRepeat() {
        var generator = SplitMix64(seed: 20_261_121)
        for _ in 0..<3000 {
            var bytes = full
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let one = Int.random(in: 0..<bytes.count, using: &generator)
                let other = Int.random(in: 0..<bytes.count, using: &generator)
                let piece = Array(bytes[min(one, other)..<max(one, other)].prefix(64))
                bytes.insert(
                    contentsOf: piece, at: Int.random(in: 0..<bytes.count, using: &generator))
            }
            _ = read(bytes)
        }
        #expect(read(full))
    }

    /// Each of these could take a careless reader minutes, or its whole stack.
    @Test(
        .mustEnd,
        arguments: [
            "[", "{", "{a: ", "- ", "? ", "? [", "&a [", "'", "\"", "!", "%", "a: |\n ", "#", "\n",
            "*a ",
            "a\n", "\"\\x", "--- ", "{\"a\": ",
        ])
    func aMegabyteOfOneThingIsSoonRefusedOrRead(_ piece: String) {
        let count = ConfigurationFiles.byteCountMax / piece.utf8.count
        _ = read(Array(String(repeating: piece, count: count).utf8))
        let users = "basic_auth_users:\n" + String(repeating: " " + piece, count: count / 2)
        _ = read(Array(users.utf8))
        #expect(read(full))
    }
}
