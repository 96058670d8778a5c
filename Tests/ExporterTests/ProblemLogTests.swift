import Exporter
import InMemoryLogging
import Logging
import Testing

struct ProblemLogTests {
    private let handler = InMemoryLogHandler()
    private let log: ProblemLog

    init() {
        let handler = handler
        log = ProblemLog(logger: Logger(label: "test") { _ in handler })
    }

    private var lines: [String] { handler.entries.map { "\($0.level) \($0.message)" } }

    @Test func aProblemIsLoggedWhenItBeginsAndWhenItEnds() {
        for _ in 0..<5 { log.report(["no cheese"]) }
        #expect(lines == ["warning no cheese"])
        for _ in 0..<5 { log.report([]) }
        #expect(lines == ["warning no cheese", "info resolved: no cheese"])
    }

    @Test func itIsLoggedAgainWhenItComesBack() {
        for problems in [["a"], [], ["a"], []] { log.report(problems) }
        #expect(
            lines == ["warning a", "info resolved: a", "warning a", "info resolved: a"])
    }

    @Test func everyProblemIsLoggedSeparately() {
        for problems in [["b", "a"], ["c", "b"], ["c"]] { log.report(problems) }
        #expect(
            lines == [
                "warning a", "warning b", "warning c", "info resolved: a",
                "info resolved: b",
            ])
    }

    @Test func theSameProblemTwiceIsOne() {
        log.report(["a", "a"])
        #expect(lines == ["warning a"])
    }

    @Test func nothingIsLoggedWithoutProblems() {
        log.report([])
        #expect(lines == [])
    }
}
