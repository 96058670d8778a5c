import TestSupport
import Testing

@testable import Exposition

struct OpenMetricsTests {
    private static let families = [
        MetricFamily("test_a_bytes_total", .counter, labels: ["x"], help: "Says \"A\" \\ \n."),
        MetricFamily("test_b", labels: ["x"], help: "Second."),
        MetricFamily("test_b_seconds", help: "Third."),
    ]

    @Test func aFamilyIsItsHelpItsTypeItsUnitAndItsSamples() {
        let lines = openMetrics {
            $0.write(Self.families[2]) { $0.append(measure: 0.5) }
            $0.write(Self.families[0]) { $0.append(LabelSet("x", "y"), value: .max) }
        }
        #expect(
            lines == """
                # HELP test_a_bytes Says \\"A\\" \\\\ \\n.
                # TYPE test_a_bytes counter
                # UNIT test_a_bytes bytes
                test_a_bytes_total{x="y"} 18446744073709551615
                # HELP test_b_seconds Third.
                # TYPE test_b_seconds gauge
                # UNIT test_b_seconds seconds
                test_b_seconds 0.5
                # EOF

                """)
    }

    @Test func nothingWrittenIsTheEndAlone() {
        #expect(openMetrics { _ in } == "# EOF\n")
    }

    @Test(
        arguments: [
            ("a_bytes", .gauge, "bytes"), ("a_seconds_total", .counter, "seconds"),
            ("a_ratio", .gauge, "ratio"), ("a_bytes_limit", .gauge, nil), ("bytes", .gauge, nil),
            ("a_kilobytes", .gauge, nil), ("a_connections", .gauge, nil),
            ("a_total", .counter, nil), ("a_total_seconds", .gauge, "seconds"),
        ] as [(StaticString, MetricFamily.Kind, String?)])
    func theUnitIsTheNamesEnd(_ name: StaticString, _ kind: MetricFamily.Kind, _ unit: String?) {
        #expect(MetricFamily(name, kind, help: "Help.").unit?.description == unit)
    }

    @Test func samplesAreThoseOfTheTextFormat() {
        var exposition = TextExposition()
        for family in Self.families.reversed() {
            exposition.write(family) { samples in
                samples.append(LabelSet([("x", "\\ \" \n é")]), value: 1)
                samples.append(LabelSet("x", "nan"), measure: .nan)
            }
        }
        let expositions = ExpositionFormat.allCases.map { format in
            String(decoding: assembled(&exposition, as: format), as: UTF8.self)
        }
        let samples = expositions.map { $0.split(separator: "\n").filter { $0.first != "#" } }
        #expect(samples[0] == samples[1])
        #expect(samples[0].count == 6)
        #expect(expositions[0] != expositions[1])
    }

    @Test(.requires(.prometheusClient)) func prometheusClientReadsWhatWasWritten() throws {
        let hostile = "a\"} 1\n# EOF\n\\n\u{2028}\r é 日本"
        var exposition = TextExposition()
        for (index, family) in Self.families.enumerated() {
            exposition.write(family) { samples in
                samples.append(LabelSet([("x", hostile)]), value: UInt64(index))
                samples.append(measure: 1e-9)
            }
        }
        let bytes = assembled(&exposition, as: .openMetrics)
        let read = try PrometheusClient(readingOpenMetrics: bytes).families
        #expect(read.map(\.name) == ["test_a_bytes", "test_b", "test_b_seconds"])
        #expect(read.map(\.type) == ["counter", "gauge", "gauge"])
        #expect(read.map(\.unit) == ["bytes", "", "seconds"])
        #expect(read.map(\.help) == Self.families.map(\.help.description))
        for (index, family) in read.enumerated() {
            #expect(family.samples.map(\.name) == Array(repeating: names[index], count: 2))
            #expect(family.samples.map(\.labels) == [["x": hostile], [:]])
            #expect(family.samples.map(\.value) == [Double(index), 1e-9])
        }
    }

    private let names = Self.families.map(\.name.description)
}

struct ExpositionPartsTests {
    private static let (one, other) = (ExpositionParts(rawValue: 1), ExpositionParts(rawValue: 2))
    private static let family = MetricFamily("test_shared", labels: ["x"], help: "Shared.")

    /// A family of one part, a family of all, and one with samples of each.
    private static func written() -> TextExposition {
        var exposition = TextExposition()
        exposition.write(family)
        for (part, name) in [(one, "one"), (other, "other")] as [(ExpositionParts, StaticString)] {
            exposition.part(part) { exposition in
                exposition.write(family) { $0.append(LabelSet("x", name), value: 1) }
            }
        }
        exposition.part(other) { exposition in
            exposition.write(MetricFamily("test_other", help: "Other's.")) {
                $0.append(value: 1)
            }
        }
        exposition.write(MetricFamily("test_all", help: "Everybody's.")) { $0.append(value: 1) }
        return exposition
    }

    @Test(
        arguments: [
            ([], ["test_all", "test_shared"], []), (one, ["test_all", "test_shared"], ["one"]),
            (other, ["test_all", "test_other", "test_shared"], ["other"]),
            (.all, ["test_all", "test_other", "test_shared"], ["one", "other"]),
        ] as [(ExpositionParts, [String], [String])])
    func onlyTheWantedPartsAreGiven(
        _ parts: ExpositionParts, _ names: [String], _ shared: [String]
    ) throws {
        var exposition = Self.written()
        for _ in 0..<2 {
            var bytes: [UInt8] = []
            exposition.assemble(into: &bytes, of: parts)
            let text = try MetricsText(bytes)
            #expect(text.names == names)
            #expect(text.samples("test_shared").map { $0["x"] } == shared)
        }
    }

    @Test func whatIsWrittenAfterAPartIsOfNoPart() {
        var exposition = Self.written()
        exposition.removeAll()
        exposition.write(Self.family)
        var bytes: [UInt8] = []
        exposition.assemble(into: &bytes, of: [])
        #expect(!bytes.isEmpty)
    }
}
