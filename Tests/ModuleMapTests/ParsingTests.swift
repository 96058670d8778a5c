import Patterns
import Testing

@testable import Configuration
@testable import ModuleMap

/// The file `--collector.module.map`.
struct ParsingTests {
    private func map(_ text: String) throws(ConfigurationProblem) -> ModuleMap {
        try ModuleMap(parsing: Array(text.utf8)) { $0 == "kafka" ? 991 : nil }
    }

    @Test func everythingThatARuleCanSayIsRead() throws {
        let map = try map(
            #"""
            rules:
              - name: kafka
                user: kafka
              - name: "java-$1"
                executable: /usr/lib/jvm/.*/java
                command: '.* -jar (?:.*/)?([^/ ]+)\.jar(?: .*)?'
                user: 0
                cgroup: '/batch\.slice/.*'
            """#)
        #expect(map.rules.count == 2)
        #expect(map.rules[0].userID == 991)
        #expect(map.rules[0].executable == nil && map.rules[0].command == nil)
        #expect(map.rules[1].userID == 0)
        #expect(map.rules[1].executable != nil && map.rules[1].cgroup != nil)
        #expect(map.rules[1].command?.groupCount == 1)
    }

    @Test(arguments: ["", "rules:", "rules: []", "---\n", "# nothing\n"])
    func anEmptyFileHasNoRules(_ text: String) throws {
        #expect(try map(text).rules.isEmpty)
    }

    @Test(arguments: [
        ("rules: 3", 1, "rules: must be a list, not a single value"),
        ("rule: []", 1, "unknown key 'rule'; known are rules"),
        ("rules:\n- name: a\n  exe: b", 3, "unknown key 'exe'"),
        ("rules:\n- name: a", 2, "a rule must have executable, command, user or cgroup"),
        ("rules:\n- executable: a", 2, "rules.name: is missing"),
        ("rules:\n- name: ''\n  user: 0", 2, "rules.name: is missing"),
        ("rules:\n- name: a\n  command: '('", 3, "rules.command: '(' is no regular expression"),
        ("rules:\n- name: a\n  user: bob", 3, "rules.user: 'bob' is not in /etc/passwd"),
        ("rules:\n- name: a\n  user: 4294967296", 3, "is not in /etc/passwd"),
        ("rules:\n- name: a$\n  user: 0", 2, "a $ must begin $1 or ${1}"),
        ("rules:\n- name: $0\n  user: 0", 2, "a $ must begin $1 or ${1}"),
        ("rules:\n- name: ${1\n  user: 0", 2, "a $ must begin $1 or ${1}"),
        ("rules:\n- name: $2\n  command: (a)", 2, "group 2, but the rule's patterns have 1"),
        ("rules:\n- name: a\n  command: [b]", 3, "must be a single value, not a list"),
        ("rules:\n- name: a\n  user: 0\n  name: b", 4, "the key 'name' is there already"),
        ("rules:\n- &a {name: b, user: 0}\n- *a", 3, "aliases (*) are not taken"),
    ])
    func aMistakeIsNamedWithItsLine(_ text: String, _ line: Int, _ words: String) {
        #expect {
            try map(text)
        } throws: { error in
            guard let problem = error as? ConfigurationProblem else { return false }
            let text = problem.key.map { "\($0): \(problem.text)" } ?? problem.text
            return problem.line == line && text.contains(words)
        }
    }

    @Test func moreRulesThanTheLimitAreRefused() throws {
        let rule = "- {name: a, user: 0}\n"
        let most = "rules:\n" + String(repeating: rule, count: ModuleMap.rulesMax)
        #expect(try map(most).rules.count == ModuleMap.rulesMax)
        #expect(throws: ConfigurationProblem.self) { try map(most + rule) }
    }

    @Test func everyPrefixOfAFileIsReadOrRefused() {
        let full = Array("rules:\n- name: 'a-${1}$$'\n  command: '(b)\\.c'\n  user: 0\n".utf8)
        var readCount = 0
        for length in 0...full.count {
            if (try? ModuleMap(parsing: Array(full[..<length])) { _ in nil }) != nil {
                readCount += 1
            }
        }
        #expect(readCount > 1)
    }

    @Test(arguments: [
        ("plain", "plain"), ("$1", "one"), ("${2}x$1", "twoxone"), ("$$1", "$1"),
        ("a$1$1b", "aoneoneb"),
    ])
    func aTemplateIsFilled(_ template: String, _ expected: String) throws {
        let groups = ["one", "two"].map { Array($0.utf8)[...] }
        #expect(try #require(NameTemplate(template)).text(groups) == Array(expected.utf8))
    }

    @Test func aNameIsCutHoweverOftenAGroupIsRepeated() throws {
        let group = [UInt8](repeating: 0xff, count: 700)[...]
        let template = try #require(NameTemplate(String(repeating: "$1", count: 128)))
        #expect(template.text([group]).count == NameTemplate.nameByteCountMax)
    }
}
