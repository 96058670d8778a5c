import Synchronization
import SystemPackage
import TCPModel
import TestSupport
import Testing

@testable import ModuleMap

/// Which rule names a process.
struct RuleTests {
    @Test func theFirstRuleThatMatchesCounts() throws {
        let map = try WatchedModuleMap(
            """
            rules:
            - {name: first, executable: /usr/bin/j.*}
            - {name: second, executable: /usr/bin/java}
            - {name: third, executable: '/usr/bin/(p.*)'}
            """)
        #expect(map.answer(executable: "/usr/bin/java") == "first")
        #expect(map.answer(executable: "/usr/bin/python3") == "third")
        #expect(map.answer(executable: "/usr/bin/ruby") == "(unnamed)")
        #expect(map.answer(executable: "") == "(unnamed)")
    }

    @Test func aRuleMatchesIfAllOfItDoes() throws {
        let processes = MadeUpProcesses([
            10: .init(user: 7, "java\0-jar\0/opt/a.jar\0"),
            11: .init(user: 8, "java\0-jar\0/opt/a.jar\0"), 12: .init(user: 7, "java\0"),
        ])
        let map = try WatchedModuleMap(
            #"""
            rules:
            - name: $1/$2/$3
              executable: /usr/bin/(.*)
              command: .* -jar /opt/(.*)\.jar
              user: 7
              cgroup: /(.*)
            """#, processes)
        #expect(map.answer(10, cgroup: "/batch") == "java/a/batch")
        #expect(map.answer(11, cgroup: "/batch") == "(unnamed)")
        #expect(map.answer(12, cgroup: "/batch") == "(unnamed)")
        #expect(map.answer(10, executable: "/bin/java", cgroup: "/batch") == "(unnamed)")
    }

    /// The rule about an executable is not about those in containers, which choose their own paths.
    @Test func onlyARuleWithACgroupReachesIntoServicesAndContainers() throws {
        let map = try WatchedModuleMap(
            """
            rules:
            - {name: bare, executable: /usr/bin/java}
            - {name: $1, cgroup: '/system.slice/workers.service/([^/]+).*'}
            """)
        #expect(map.answer() == "bare")
        #expect(map.answer(hasModule: true) == "(unnamed)")
        let cgroup = "/system.slice/workers.service/mail/1"
        #expect(map.answer(cgroup: cgroup, hasModule: true) == "mail")
    }

    @Test func nothingIsReadThatNoRuleAsksFor() throws {
        let processes = MadeUpProcesses([10: .init("java\0a\0")])
        let map = try WatchedModuleMap(
            """
            rules:
            - {name: a, executable: /usr/bin/ruby, command: .*, user: 7}
            - {name: b, executable: /usr/bin/java, user: 1000}
            - {name: c, command: .*}
            """, processes)
        #expect(map.answer(10, executable: "/usr/bin/java") == "b")
        #expect(processes.state.withLock { $0.userReadCount } == 1)
        #expect(processes.state.withLock { $0.lineReadCount } == 0)
    }

    @Test func aCommandLineIsReadOnceForAllRules() throws {
        let processes = MadeUpProcesses([10: .init("java\0-c\0c\0")])
        let map = try WatchedModuleMap(
            """
            rules:
            - {name: a, command: .* -a.*}
            - {name: b, command: .* -b.*}
            - {name: $1, command: java (.*)}
            """, processes)
        #expect(map.answer(10) == "-c c")
        #expect(processes.state.withLock { $0.lineReadCount } == 1)
    }

    @Test func aCapturedNameCanBeAnyBytesAndEmptyOnesAreNone() throws {
        let processes = MadeUpProcesses([
            10: .init("a\n\"}\u{1b}[31m\0"), 11: .init("\0\0"),
            12: .init(String(repeating: "x", count: 9000)),
        ])
        let map = try WatchedModuleMap("rules: [{name: $1, command: (.*)}]", processes)
        #expect(map.answer(10) == "a\n\"}\u{1b}[31m")
        #expect(map.answer(11) == "(unnamed)")
        #expect(map.answer(12).utf8.count == NameTemplate.nameByteCountMax)
    }

    @Test func whatCannotBeReadIsUnknownAndSaid() throws {
        let processes = MadeUpProcesses([10: .init("a\0", error: .tooManyOpenFiles)])
        let map = try WatchedModuleMap(
            "rules: [{name: a, command: a}, {name: b, executable: .*}]", processes)
        #expect(map.answer(10) == "(unknown)")
        #expect(
            map.problems == [
                "cannot apply --collector.module.map: cannot read cmdline: Too many open files"
            ])
        // One that is gone is no problem.
        _ = map.beginScrape()
        #expect(map.answer(99) == "(unknown)")
        #expect(map.problems == [])
    }

    /// A user can make that last.
    @Test func aCommandLineThatDoesNotComeIsUnknownAndSaid() throws {
        let processes = MadeUpProcesses([10: .init("a\0", error: .timedOut)])
        let map = try WatchedModuleMap("rules: [{name: a, command: a}]", processes)
        #expect(map.answer(10) == "(unknown)")
        #expect(map.problems.count == 1)
        #expect(map.problems.first?.contains("cannot be read in time") == true)
    }

    @Test(.mustEnd)
    func aTextThatIsTooCostlyDoesNotMatchAndIsSaid() throws {
        let line = String(repeating: "a", count: 4000) + "bc"
        let processes = MadeUpProcesses([10: .init(line)])
        let map = try WatchedModuleMap(
            "rules: [{name: a, command: (a+)+b}, {name: c, command: a*bc}]", processes)
        #expect(map.answer(10) == "c")
        #expect(map.problems.count == 1)
        #expect(map.problems.first?.contains("too costly") == true)
    }

    @Test func whatIsNotNamedInTimeIsNamedByALaterScrape() throws {
        let processes = MadeUpProcesses([10: .init("a\0")])
        let rules = "rules: [{name: a, command: a}]"
        let map = try WatchedModuleMap(rules, processes, timeMax: .zero)
        _ = map.beginScrape()
        #expect(map.answer(10) == "(unknown)")
        #expect(map.problems.first?.contains("took too long") == true)
        #expect(processes.state.withLock { $0.lineReadCount } == 0)
        let patient = try WatchedModuleMap(rules, processes, timeMax: .seconds(60))
        _ = patient.beginScrape()
        #expect(patient.answer(10) == "a")
        #expect(patient.problems == [])
    }
}

/// The file is read again when it changes.
struct ReloadTests {
    @Test func aChangedFileCountsFromTheNextScrapeOn() throws {
        let file = WrittenFile("rules: [{name: a, executable: .*}]")
        let map = try WatchedModuleMap(
            path: "map.yml", files: file.files, details: MadeUpProcesses())
        #expect(!map.beginScrape())
        #expect(map.answer() == "a")
        file.write("rules: [{name: b, executable: .*}]")
        #expect(map.answer() == "a")
        #expect(map.beginScrape())
        #expect(map.answer() == "b")
        #expect(!map.beginScrape())
    }

    @Test(arguments: [
        ("rules: [", "line 2: did not find expected node content"), (nil, "No such file"),
        ("rules:\n- {name: b}", "line 2: rules: a rule must have"),
    ])
    func aBrokenFileKeepsTheOldRulesAndIsSaidAlike(_ text: String?, _ words: String) throws {
        let file = WrittenFile("rules: [{name: a, executable: .*}]")
        let map = try WatchedModuleMap(
            path: "map.yml", files: file.files, details: MadeUpProcesses())
        file.write(text)
        for _ in 0..<3 {
            #expect(!map.beginScrape())
            #expect(map.answer() == "a")
            #expect(map.problems.count == 1)
            let problem = try #require(map.problems.first)
            #expect(problem.hasPrefix("cannot use the module map map.yml"))
            #expect(problem.contains(words))
            #expect(problem.hasSuffix("; the previous rules stay in use"))
            #expect(!map.isCurrent)
        }
        file.write("rules: []")
        #expect(map.beginScrape())
        #expect(map.answer() == "(unnamed)")
        #expect(map.problems == [] && map.isCurrent)
    }

    @Test func aFileThatCannotBeUsedAtFirstIsAnError() {
        #expect(throws: ModuleMapError.self) { try WatchedModuleMap("rules: 3") }
        #expect {
            try WatchedModuleMap(path: "/nonexistent/map.yml", details: MadeUpProcesses())
        } throws: {
            "\($0)" == "cannot use the module map /nonexistent/map.yml: No such file or directory"
        }
    }
}
