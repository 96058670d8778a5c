import Testing

@testable import Exposition

/// Samples read back from an exposition are those that were written.
struct WrittenSampleTests {
    private let family = MetricFamily("f", labels: ["a", "b"], help: "Help.")

    @Test(arguments: [
        "plain", "", "a\"b", "a\\b", "a\nb", "\\n", "\\\"", "=", ",", "} 7", "{a=\"b\"} 1",
        "é\u{202E}x",
        "\\", "\"", "\n", "a=\"b\",c=\"d\"",
    ])
    func aValueComesBackAsItWas(_ value: String) throws {
        var exposition = TextExposition()
        exposition.write(family) {
            $0.append(LabelSet([("a", value), ("b", "x")]), value: 18)
            $0.append(value: 0)
        }
        let samples = try #require(exposition.samples(of: family))
        #expect(samples.count == 2)
        // A label with an empty value is no label.
        #expect(samples[0]["a"] == value && samples[0]["b"] == "x" && samples[0].value == 18)
        #expect(samples[1].labels.isEmpty && samples[1].value == 0)
    }

    @Test func everyPartOfAFamilyIsRead() throws {
        var exposition = TextExposition()
        exposition.write(family) { $0.append(value: 1) }
        exposition.write(MetricFamily("ff", help: "Other.")) { $0.append(value: 2) }
        exposition.labeled(LabelSet([("netns", "n")])) { exposition in
            exposition.write(family) { $0.append(LabelSet([("a", "b")]), measure: 0.5) }
        }
        let samples = try #require(exposition.samples(of: family))
        #expect(samples.map(\.value) == [1, 0.5])
        #expect(samples[1]["netns"] == "n" && samples[1]["a"] == "b")
    }

    @Test func whatWasNotWrittenIsNil() {
        #expect(TextExposition().samples(of: family) == nil)
    }
}
