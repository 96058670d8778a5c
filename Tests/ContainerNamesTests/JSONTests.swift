import Foundation
import TestSupport
import Testing

@testable import ContainerNames

/// The reader of JSON, and Python's beside it.
struct JSONTests {
    private static let full = #"""
        {"ID": "x", "Config": {"Env": ["A=\u00e9\ud83d\ude00", "B=\\\"\n\/"], "Labels": {"a.b": "c"},
        "Ports": {"80/tcp": {}}, "n": [1, -2.5e3, true, false, null, 0]}, "Name": "/web"}
        """#

    @Test func aStringIsFoundByItsKeys() {
        guard let text = JSONText(Array(Self.full.utf8)) else {
            Issue.record("it is refused")
            return
        }
        let found = [
            text.string("Name"), text.string("Config", "Labels", "a.b"),
            text.string("Config", "Labels"), text.string("Config", "n"), text.string("Name", "x"),
            text.string("missing"),
        ]
        #expect(found == [Array("/web".utf8), Array("c".utf8), nil, nil, nil, nil])
    }

    /// What either says about a text: nil for one that is refused.
    private static func name(_ bytes: [UInt8]) -> String? {
        guard let text = JSONText(bytes) else { return nil }
        return text.string("Name").map { String(decoding: $0, as: UTF8.self) } ?? "-"
    }

    /// Python's parser, by the same rules.
    private static let oracle = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzzing/oracle.py").path

    @Test(.requires(.tool("python3")), .mustEnd)
    func itAgreesWithPythonAboutMutatedTexts() throws {
        var generator = SplitMix64(seed: 20_261_128)
        let texts = (0..<20_000).map { _ in Self.mutated(&generator) } + [Array(Self.full.utf8)]
        let input = texts.map { Data($0).base64EncodedString() + "\n" }.joined()
        let result = try run("python3", [Self.oracle], input: input)
        try #require(result.status == .exited(0), "\(result.standardError)")
        let expected = result.standardOutput.split(separator: "\n")
        try #require(expected.count == texts.count)
        var acceptedCount = 0
        for (text, expected) in zip(texts, expected) {
            let found = Self.name(text).map { "+" + Data($0.utf8).base64EncodedString() } ?? "!"
            if found != "!" { acceptedCount += 1 }
            #expect(found == expected, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(acceptedCount > 100 && acceptedCount < texts.count)
    }

    private static func mutated(_ generator: inout SplitMix64) -> [UInt8] {
        let telling = Array("\0\n\t{}[]\",:\\u019-+.eEtfn/ ".utf8) + [0x7f, 0x80, 0xc3, 0xed, 0xff]
        var bytes = Array(full.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            let byte = telling[Int.random(in: 0..<telling.count, using: &generator)]
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[index] = byte
            case 1: bytes.insert(byte, at: index)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
            default: bytes.removeLast(Int.random(in: 0..<4, using: &generator))
            }
        }
        return bytes
    }
}
