import Exporter
import Exposition
import Foundation
import TestSupport
import Testing

/// What users read has the words of node_exporter, systemd and Grafana.
struct WordingTests {
    /// Phrases that need a second reading, as regular expressions.
    private static let phrases = [
        #"\banew\b"#, #"\bat will\b"#, #"\bdisturb"#, #"\bfor ever\b"#, #"\bhardly\b"#,
        #"\bin force\b"#, #"\bin vain\b"#, #"\bknows? (no|one)\b"#,
        #"\blook(ed)? into\b"#, #"\blost its place\b"#, #"\bmoves? (its|their|the) bytes\b"#,
        #"\bno longer so\b"#, #"\bnobody\b"#, #"\bof several\b"#, #"\bremember"#, #"\bshall\b"#,
        #"\btaken together\b"#, #"\bthat (it|they) names?\b"#, #"\btold\b"#, #"\bunseen\b"#,
        #"\bwent away\b"#, #"\bwho (leaks|listens|forgets)\b"#,
        #"\bwhose (each|they|it|the)\b"#, #"\bwhat (cannot|may not|is not)\b"#,
        #"\bas it is now\b"#,
    ]

    /// Files that users read as they are.
    private static let files =
        [
            "README.md", "dashboards/RUNBOOK.md", "dashboards/alertmanager.yml",
            "dashboards/alerts-absent.yml", "dashboards/alerts-kernel-tls.yml",
            "dashboards/alerts.yml",
            "dashboards/exporter.json", "dashboards/fleet.json", "dashboards/host.json",
            "dashboards/module.json",
            "dashboards/prometheus.yml", "dashboards/rules.yml",
            "Sources/CIPHelper/include/iphlpapi.h", "Sources/TCPTable/TCPTable.docc/TCPTable.md",
            "Sources/Packaging/CHANGELOG.md", "Sources/Packaging/container/compose.yaml",
            "Sources/Packaging/debian/control", "Sources/Packaging/kubernetes/daemonset.yaml",
            "Sources/Packaging/kubernetes/kustomization.yaml",
            "Sources/Packaging/kubernetes/podmonitor.yaml",
            "Sources/Packaging/systemd/tcptable_exporter",
            "Sources/Packaging/systemd/tcptable_exporter.service",
            "Sources/Packaging/systemd/tcptable_exporter.socket",
        ] + Repository.files("Sources/Documentation", ".md")

    /// Sources whose string literals are help texts, messages or parts of the page.
    private static let messageFolders = [
        "CommandOptions", "Configuration", "ContainerNames", "Exporter", "IPHelper", "Linux",
        "Listing",
        "MetricsServer", "ModuleMap", "Patterns", "Procfs", "TCPTable", "WebAccess",
        "WebConfiguration", "tcptable", "tcptable_exporter",
    ].map { "Sources/\($0)" }

    @Test(arguments: files) func aFileForUsersIsPlain(_ path: String) throws {
        #expect(Self.phrases(in: try Repository.text(path)) == [])
    }

    @Test func everyHelpTextOfAMetricIsPlain() {
        for family in Metric.all {
            #expect(Self.phrases(in: family.help.description) == [], "\(family.name)")
        }
    }

    @Test(arguments: ["tcptable", "tcptable_exporter"])
    func theHelpOfACommandIsPlain(_ command: String) throws {
        let help = try run(product(command), ["--help"]).standardOutput
        #expect(help.contains("USAGE"))
        let text = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(Self.phrases(in: text) == [])
    }

    @Test(arguments: messageFolders) func messagesArePlain(_ folder: String) throws {
        let files = Repository.files(folder, ".swift")
        #expect(!files.isEmpty)
        for path in files {
            let texts = Self.literals(in: try Repository.text(path))
            #expect(texts.flatMap(Self.phrases(in:)) == [], "\(path)")
        }
    }

    @Test func onlyLiteralsAreMessages() {
        let source = """
            /// It was told "anew".
            print("a \\"quoted\\" text", remembered, "b")
            """
        #expect(Self.literals(in: source) == [#"a \"quoted\" text"#, "b"])
    }

    @Test func theWorstPhrasesAreFound() {
        let text = """
            Times that the network device lost its place in a stream and was told it anew. \
            A program unseen hardly accepts.
            """
        #expect(Self.phrases(in: text).count == 5)
    }

    /// The string literals of a source file, without those in comments.
    private static func literals(in source: String) -> [String] {
        let code = source.split(separator: "\n").filter { !$0.contains(/^\s*\/\//) }
            .joined(separator: "\n")
        return code.matches(of: /"""([\s\S]*?)"""|"((?:[^"\\\n]|\\.)*)"/)
            .compactMap { ($0.output.1 ?? $0.output.2).map(String.init) }
    }

    private static func phrases(in text: String) -> [String] {
        phrases.compactMap { phrase in
            text.range(of: phrase, options: [.regularExpression, .caseInsensitive])
                .map { String(text[$0]) }
        }
    }
}
