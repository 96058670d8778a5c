import TestSupport
import Testing

@testable import Exposition

struct EscapingTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("\\", "\\\\"),
        ("\"", "\\\""),
        ("\n", "\\n"),
        ("\\n", "\\\\n"),
        ("\\\"\n", "\\\\\\\"\\n"),
        ("\r\n", "\r\\n"),
        ("a\"} 1\nforged 2", "a\\\"} 1\\nforged 2"),
        ("\0", "\u{FFFD}"),
        ("\t\u{1}\u{7F}\u{85}\u{2028}", "\t\u{1}\u{7F}\u{85}\u{2028}"),
        ("é, e\u{301}, 日本, 🧑‍🚀", "é, e\u{301}, 日本, 🧑‍🚀"),
        ("{},= #", "{},= #"),
    ])
    func labelValuesAreEscapedWhereTheyMustAndNowhereElse(_ value: String, _ expected: String) {
        let written = appended { $0.append(labelValue: value) }
        #expect(Array(written.utf8) == Array(expected.utf8))
        #expect(LabelSet([("name", value)]).bytes == Array("name=\"\(expected)\"".utf8))
    }

    @Test(
        arguments: [
            ("A sentence with \"quotes\".", "A sentence with \"quotes\"."),
            ("back\\slash", "back\\\\slash"),
            ("two\nlines", "two\\nlines"),
            ("日本", "日本"),
        ] as [(StaticString, String)])
    func helpIsEscapedWhereItMustAndNowhereElse(_ help: StaticString, _ expected: String) {
        #expect(appended { $0.append(help: help, as: .text) } == expected)
        let withoutQuotes = expected.replacing("\"", with: "\\\"")
        #expect(appended { $0.append(help: help, as: .openMetrics) } == withoutQuotes)
        let family = MetricFamily("test_gauge", help: help)
        let lines = text { $0.write(family) }
        #expect(lines == "# HELP test_gauge \(expected)\n# TYPE test_gauge gauge\n")
    }

    @Test func everyByteOfUTF8ComesThrough() throws {
        var value = String.UnicodeScalarView()
        for scalar in (1...0xFF).compactMap({ Unicode.Scalar($0) }) { value.append(scalar) }
        let written = assembled {
            $0.write(gauge) { $0.append(LabelSet([("name", String(value))]), value: 1) }
        }
        let labels = try #require(try MetricsText(written).samples("test_gauge").first).labels
        #expect(labels == [MetricsText.Label("name", String(value))])
    }

    @Test func aLabelWithAnEmptyValueIsLeftOut() {
        let sets = [
            LabelSet([("a", ""), ("b", "1"), ("c", "")]), LabelSet([("a", ""), ("b", "")]), .none,
        ]
        #expect(sets.map(\.bytes) == [Array("b=\"1\"".utf8), [], []])
        let lines = text {
            $0.write(gauge) { samples in
                samples.append(sets[1], value: 1)
                samples.append(sets[1], sets[0], value: 2)
                samples.append(sets[0], sets[1], value: 3)
            }
        }
        #expect(lines.hasSuffix("test_gauge 1\ntest_gauge{b=\"1\"} 2\ntest_gauge{b=\"1\"} 3\n"))
    }

    @Test func setsAreJoinedByAComma() {
        let (a, b) = (LabelSet("a", "1"), LabelSet("b", "2"))
        #expect((a + b).bytes == Array("a=\"1\",b=\"2\"".utf8))
        #expect(a + .none == a)
        #expect(.none + b == b)
        let joined = text { $0.write(gauge) { $0.append(a, b, value: 0) } }
        let atOnce = text { $0.write(gauge) { $0.append(a + b, value: 0) } }
        #expect(joined == atOnce)
    }
}
