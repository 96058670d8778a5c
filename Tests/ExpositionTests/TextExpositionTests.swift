import TestSupport
import Testing

@testable import Exposition

struct TextExpositionTests {
    private static let families = [
        MetricFamily("test_a", help: "First."),
        MetricFamily("test_a_total", .counter, help: "Second."),
        MetricFamily("test_ab", labels: ["x"], help: "Third."),
        MetricFamily("test_c", help: "Fourth."),
    ]

    @Test func aFamilyIsItsHelpItsTypeAndItsSamples() {
        let lines = text {
            $0.write(Self.families[1]) { samples in
                samples.append(value: 7)
                samples.append(LabelSet("x", "y"), LabelSet("z", "w"), value: .max)
                samples.append(LabelSet("x", "y"), measure: 0.5)
            }
        }
        #expect(
            lines == """
                # HELP test_a_total Second.
                # TYPE test_a_total counter
                test_a_total 7
                test_a_total{x="y",z="w"} 18446744073709551615
                test_a_total{x="y"} 0.5

                """)
    }

    @Test func aFamilyWithoutSamplesIsGivenAllTheSame() {
        let lines = text { $0.write(Self.families[0]) }
        #expect(lines == "# HELP test_a First.\n# TYPE test_a gauge\n")
    }

    @Test func nothingWrittenIsNothing() {
        #expect(assembled { _ in } == [])
    }

    @Test(arguments: permutations(of: [0, 1, 2, 3]))
    func familiesAreSortedWhateverTheOrderOfWriting(_ order: [Int]) throws {
        let written = assembled { exposition in
            for index in order {
                exposition.write(Self.families[index]) { $0.append(value: UInt64(index)) }
            }
        }
        let text = try MetricsText(written)
        #expect(text.names == ["test_a", "test_a_total", "test_ab", "test_c"])
        #expect(text.families.map { $0.samples[0].value } == [0, 1, 2, 3])
    }

    @Test func samplesKeepTheWritersOrder() throws {
        let written = assembled {
            $0.write(gauge) { samples in
                for name in ["b", "a", "c"] { samples.append(LabelSet([("name", name)]), value: 1) }
            }
        }
        let text = try MetricsText(written)
        #expect(text.samples("test_gauge").map { $0["name"] } == ["b", "a", "c"])
    }

    @Test func equalValuesMakeEqualBytesTheFirstTimeAndLater() {
        var exposition = TextExposition()
        var seen: Set<[UInt8]> = []
        for _ in 0..<3 {
            exposition.removeAll()
            for family in Self.families.shuffled() {
                exposition.write(family) { $0.append(LabelSet("x", "y"), value: 3) }
            }
            seen.insert(assembled(&exposition))
        }
        #expect(seen.count == 1)
    }

    @Test func whatWasWrittenBeforeIsForgotten() {
        var exposition = TextExposition()
        exposition.write(Self.families[0]) { $0.append(value: 1) }
        exposition.removeAll()
        exposition.write(Self.families[3]) { $0.append(value: 2) }
        let lines = String(decoding: assembled(&exposition), as: UTF8.self)
        #expect(lines == "# HELP test_c Fourth.\n# TYPE test_c gauge\ntest_c 2\n")
    }

    @Test func assemblingAppends() {
        var exposition = TextExposition()
        exposition.write(Self.families[0])
        var output = Array("# before\n".utf8)
        exposition.assemble(into: &output)
        #expect(output.starts(with: Array("# before\n# HELP ".utf8)))
    }

    @Test(arguments: ExpositionFormat.allCases)
    func theContentTypeTellsTheVersion(_ format: ExpositionFormat) {
        #expect(format.contentType.contains("; version=\(format.version); charset=utf-8"))
    }

    @Test(.requires(.promtool)) func promtoolHasNothingToSay() throws {
        let sample = text { exposition in
            for family in Self.families.reversed() {
                exposition.write(family) { samples in
                    samples.append(value: 1)
                    samples.append(LabelSet([("x", "\\ \" \n é \u{1}")]), measure: 1e-9)
                    samples.append(LabelSet("x", "inf"), measure: -.infinity)
                }
            }
        }
        let result = try run("promtool", ["check", "metrics"], input: sample)
        #expect(result.standardOutput + result.standardError == "")
        #expect(result.status == .exited(0))
    }
}

private func permutations(of numbers: [Int]) -> [[Int]] {
    guard let first = numbers.first else { return [[]] }
    return permutations(of: Array(numbers.dropFirst())).flatMap { rest in
        (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
    }
}
