import Patterns
import TestSupport
import Testing

/// Regular expressions over texts that anybody may have chosen.
struct PatternTests {
    @Test(arguments: [
        ("java", "java", true), ("java", "/usr/bin/java", false), ("java", "javac", false),
        (".*/java", "/usr/bin/java", true), ("a|ab", "ab", true), ("", "", true), ("", "a", false),
        (".*", "two\nlines", true), ("a$", "a\n", false), ("caf\u{e9}", "caf\u{e9}", true),
    ])
    func onlyTheWholeTextMatches(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        #expect(try Pattern(pattern).matches(text) == isMatch)
    }

    @Test func groupsAreWhatTheyCaptured() throws {
        let pattern = try Pattern(#"(a)?(b+)()|(c)"#)
        #expect(pattern.groupCount == 4)
        #expect(pattern.match(Array("bb".utf8)) == .match([nil, 0..<2, 2..<2, nil]))
        #expect(pattern.match(Array("abb".utf8)) == .match([0..<1, 1..<3, 3..<3, nil]))
        #expect(pattern.match(Array("c".utf8)) == .match([nil, nil, nil, 0..<1]))
        #expect(pattern.match(Array("d".utf8)) == .noMatch)
    }

    @Test func anyByteMatchesAPoint() throws {
        let bytes = (0...255).map(UInt8.init)
        #expect(try Pattern(".{256}").match(bytes) == .match([]))
        #expect(try Pattern("(.)[^x]*").match(bytes) == .noMatch)
    }

    @Test(arguments: ["(", "[a", "a{2,1}", "*", "\\", "(?<n>a)(?<n>b)", "(*UTF)a", "\\C\\", "(?1)"])
    func whatIsNoExpressionIsRefused(_ text: String) {
        #expect(throws: PatternError.self) { try Pattern(text) }
    }

    @Test func theExplanationSaysWhere() {
        #expect {
            try Pattern("ab(c")
        } throws: { error in
            "\(error)".contains("missing closing parenthesis, at byte 5")
        }
        #expect(throws: PatternError.self) {
            try Pattern(String(repeating: "a", count: Pattern.byteCountMax + 1))
        }
    }

    /// Without a limit each of these takes longer than the universe will last.
    @Test(
        .mustEnd,
        arguments: [
            "(a+)+b", "(a|a)*b", "(.*)*b", "(a*)*(a*)*b", "((a?)*)*b", #"(a)\1*(?:a|aa)*b"#,
            "(?:.*a){12}b",
        ])
    func noTextIsTooHostile(_ pattern: String) throws {
        let pattern = try Pattern(pattern)
        // The end holds what patterns require somewhere, so that no shortcut tells.
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 4094) + Array("bc".utf8)
        for _ in 0..<10 { #expect(pattern.match(text) == .tooCostly) }
    }

    /// What administrators write for long command lines stays below the limit.
    @Test(arguments: [
        #".* -jar (?:.*/)?([^/ ]+)\.jar(?: .*)?"#, #"(?:[^ ]+ )*-jar (?:[^ ]*/)?([^/ ]+)\.jar.*"#,
    ])
    func aLongCommandLineMatches(_ pattern: String) throws {
        let classes = (0..<90).map { "/opt/app/lib/library-\($0)-1.2.3.jar" }.joined(separator: ":")
        let line = "/usr/bin/java -Xmx1g -cp \(classes) -jar /opt/app/payments.jar --port 80"
        #expect(line.utf8.count > 3000)
        guard case .match(let groups) = try Pattern(pattern).match(Array(line.utf8)) else {
            Issue.record("no match")
            return
        }
        let name = try #require(groups[0])
        #expect(Array(line.utf8)[name].elementsEqual("payments".utf8))
    }
}
