import TableFakes
import Testing

@testable import Listing
@testable import TCPModel

struct StyleTests {
    private static func stage() throws -> Stage {
        try Stage([
            .row(.listen, port: 1, queues: (129, 128)), .row(.closeWait, port: 2),
            .row(.established, port: 3), .row(.listen, port: 4, queues: (128, 128)),
        ])
    }

    @Test(arguments: [nil] + ListingOptions.Summary.allCases)
    func withoutItsColoursTheTextIsTheSame(_ summary: ListingOptions.Summary?) throws {
        let stage = try Self.stage()
        let colored = try stage.lines(TextStyle(isColored: true)) { $0.summary = summary }
        let plain = try stage.lines { $0.summary = summary }
        #expect(colored.map { $0.replacing(/\u{1B}\[[0-9;]*m/, with: "") } == plain)
        #expect(colored != plain)
        #expect(!plain.joined().contains("\u{1B}"))
    }

    @Test func problemsAreHighlighted() throws {
        let lines = try Self.stage().lines(TextStyle(isColored: true))
        #expect(lines[0].hasPrefix("\u{1B}[1mSTATE\u{1B}[m"))
        #expect(lines[1].contains("\u{1B}[1;31m129\u{1B}[m"))
        #expect(lines[2].hasPrefix("\u{1B}[33mclose_wait\u{1B}[m"))
        #expect(lines[3].contains("\u{1B}[2m-\u{1B}[m"))
        #expect(!lines[4].contains("\u{1B}[1;31m"))
    }

    @Test(arguments: [
        (OutputEnvironment(isTerminal: true), true), (OutputEnvironment(isTerminal: false), false),
        (OutputEnvironment(isTerminal: true, noColor: "1"), false),
        (OutputEnvironment(isTerminal: true, noColor: ""), true),
        (OutputEnvironment(isTerminal: true, terminalType: "dumb"), false),
        (OutputEnvironment(isTerminal: true, terminalType: ""), false),
        (OutputEnvironment(isTerminal: true, terminalType: nil), false),
    ])
    func terminalsDecideOnColours(_ environment: OutputEnvironment, _ isColored: Bool) {
        #expect(environment.isColored(.auto) == isColored)
        #expect(environment.isColored(.always))
        #expect(!environment.isColored(.never))
    }

    @Test(arguments: [(true, true, true), (true, false, false), (false, false, true)])
    func onlyTerminalsGetASCII(_ isTerminal: Bool, _ isLocaleUTF8: Bool, _ isUTF8: Bool) {
        let environment = OutputEnvironment(isTerminal: isTerminal, isLocaleUTF8: isLocaleUTF8)
        #expect((environment.charset == .utf8) == isUTF8)
    }
}
