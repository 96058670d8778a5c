import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `--collector.module.map`, `.include` and `.exclude` on real processes.
    @Suite(.requires(.networkNamespaces))
    struct ModuleMap {
        private let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        /// Three processes of one executable, told apart by their arguments, each with a listener.
        private func inNamespaceOfThree(_ body: (String) throws -> Void) throws {
            let map = try directory.write(
                #"""
                rules:
                - name: job-$1
                  executable: .*/tcptable_holder
                  command: '[^ ]+ listen queue=([a-z"]+)'
                """#, to: "map.yml")
            try inNewNetworkNamespace {
                let programs = try ["mail", "mail", "a\"b"].map { queue in
                    let program = try ChildProcess(
                        testProgram("tcptable_holder"), ["listen", "queue=\(queue)"])
                    try program.awaitOutput("ready\n")
                    return program
                }
                defer { for program in programs { program.send(SIGKILL) } }
                try body(map)
            }
        }

        private func modules(_ options: [String]) throws -> [String] {
            let result = try run(exporter, ["--once"] + options)
            #expect(result.status == .exited(0), "\(result.standardError)")
            let text = try MetricsText(Array(result.standardOutput.utf8))
            #expect(text.conservationBreaches == [])
            return text.samples("tcptable_module_connections").map {
                "\($0["kind"]) \($0["module"]) \(Int($0.value))"
            }
        }

        @Test func oneExecutableBecomesThePrograms() throws {
            try inNamespaceOfThree { map in
                #expect(try modules([]) == ["process tcptable_holder 3"])
                let mapped = ["process job-a\"b 1", "process job-mail 2"]
                #expect(try modules(["--collector.module.map=\(map)"]) == mapped)
                let rows = try ListedRow.all(["--module-map=\(map)"]).map(\.module)
                #expect(rows.sorted() == ["job-a\"b", "job-mail", "job-mail"])
            }
        }

        @Test func whatIsLeftOutIsOther() throws {
            try inNamespaceOfThree { map in
                let options = ["--collector.module.map=\(map)"]
                let included = try modules(options + ["--collector.module.include=job-m.*"])
                #expect(included == ["process job-mail 2", "other other 1"])
                let excluded = try modules(options + ["--collector.module.exclude=job-m.*"])
                #expect(excluded == ["process job-a\"b 1", "other other 2"])
            }
        }

        @Test func aMistakeInTheFileIsNamedWithItsLine() throws {
            let map = try directory.write("rules:\n- name: a\n", to: "bad.yml")
            for (program, option) in [
                (exporter, "--collector.module.map"), (lister, "--module-map"),
            ] {
                let result = try run(program, ["\(option)=\(map)"])
                #expect(result.status == .exited(1))
                #expect(
                    result.standardError.contains(
                        "cannot use the module map \(map), line 2: rules: a rule must have"))
            }
        }

        @Test func aBadExpressionIsAnErrorOfTheCommandLine() throws {
            for option in ["include", "exclude"] {
                let result = try run(exporter, ["--collector.module.\(option)=a("])
                #expect(result.status == .exited(64))
                #expect(result.standardError.contains("missing closing parenthesis"))
            }
        }
    }
}
