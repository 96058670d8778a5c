import TestSupport
import Testing

@testable import Exposition

/// Text that wants to be more than a label's value.
struct HostileTextTests {
    @Test func noTextMakesAnotherLineOrLabelAndEachComesBack() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let values = (0..<2).map { _ in hostileText(&random) }
            let labels = LabelSet([("a", values[0]), ("b", "fixed"), ("c", values[1])])
            let written = assembled {
                $0.write(gauge) { $0.append(labels, LabelSet("d", "1"), value: 42) }
            }
            let text = try MetricsText(written)
            let expected = zip(["a", "b", "c", "d"], [values[0], "fixed", values[1], "1"])
                .map { MetricsText.Label($0, $1.withoutZeros) }
                .filter { !$0.value.isEmpty }
            #expect(text.names == ["test_gauge"])
            #expect(text.samples("test_gauge").map(\.value) == [42])
            #expect(text.samples("test_gauge").first?.labels == expected)
        }
    }

    /// The parser that the tests rely on refuses what it should.
    @Test(arguments: [
        "a 1", "a 1\n", "# TYPE a gauge\na 1\n", "# HELP a b\na 1\n",
        "# HELP a b\n# TYPE a gauge\nb 1\n", "# HELP a b\n# TYPE a gauge\na 1 2\n",
        "# HELP a b\n# TYPE a gauge\na 1\na 1\n", "# HELP a b\n# TYPE a gauge\n\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"\"} 1\n", "# HELP a b\n# TYPE a gauge\na{x=\"1} 1\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"\\t\"} 1\n", "# HELP a b\n# TYPE a gauge\na{x=1} 1\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n", "# HELP a b\n# TYPE a gauge\na{} 1\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\n",
        "# HELP b b\n# TYPE b gauge\n# HELP a b\n# TYPE a gauge\n", "# HELP a b\n# TYPE a x\n",
    ])
    func theParserOfTheTestsIsStrict(_ text: String) {
        #expect(throws: MetricsText.Malformed.self) { try MetricsText(Array(text.utf8)) }
    }
}

private func hostileText(_ random: inout SystemRandomNumberGenerator) -> String {
    let pieces = [
        "\\", "\"", "\n", "\r", "\0", "{", "}", ",", "=", " ", "#", "\"} 1\n", "\nfake 1\n",
        "\",b=\"x", "# TYPE x counter\n", "\\n", "\\\"", "\u{301}", "\u{200D}", "\u{2028}", "é",
        "🧨",
    ]
    return (0..<Int.random(in: 0..<12, using: &random)).reduce(into: "") { text, _ in
        if Bool.random(using: &random), let piece = pieces.randomElement(using: &random) {
            text += piece
        } else if let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x11_0000, using: &random)) {
            text.unicodeScalars.append(scalar)
        }
    }
}

extension String {
    /// What the format cannot carry is replaced.
    fileprivate var withoutZeros: String {
        unicodeScalars.reduce(into: "") {
            $0.unicodeScalars.append($1.value == 0 ? "\u{FFFD}" : $1)
        }
    }
}
