import Exporter
import Exposition
import Foundation
import TestSupport
import Testing

/// README.md and the pages behind it are complete, short and lead somewhere.
struct DocumentationTests {
    private static let pages = "Sources/Documentation"

    private static var metricNames: Set<String> {
        Set(Metric.all.map(\.name.description))
    }

    /// The metric names that a text mentions: not the program's, nor a prefix with an asterisk.
    private static func namesMentioned(in text: String) -> Set<String> {
        let found = text.matches(of: /\b(?:tcptable|process)_[a-z_]*[a-z]\b(?!\*)/)
        return Set(found.map { String($0.output) }).subtracting(["tcptable_exporter"])
    }

    @Test func thePageOfMetricsNamesEachOfThem() throws {
        let named = Self.namesMentioned(in: try Repository.text("\(Self.pages)/metrics.md"))
        #expect(Self.metricNames.subtracting(named) == [])
    }

    @Test(arguments: markdown) func everyMetricThatATextNamesExists(_ path: String) throws {
        let named = Self.namesMentioned(in: try Repository.text(path))
        #expect(named.subtracting(Self.metricNames) == [])
    }

    @Test func thePageOfMetricsGivesEachItsLabels() throws {
        let page = try Repository.text("\(Self.pages)/metrics.md")
        for family in Metric.all where !family.labels.isEmpty {
            let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(family.name)`") }
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            #expect(
                row?.contains("| \(labels) |") == true || row?.contains("| the same |") == true,
                "\(family.name)")
        }
    }

    @Test func theReadmeIsReadInFiveMinutes() throws {
        #expect(
            try Repository.text("README.md").split(whereSeparator: \.isWhitespace).count <= 1200)
    }

    /// After a change of options:
    /// `Sources/Packaging/manual/options PROGRAM... >Sources/Documentation/options.md`.
    @Test(.requires(.tool("python3"))) func thePageOfOptionsIsWhatTheCommandsSay() throws {
        let commands = ["tcptable_exporter", "tcptable"].map(product)
        let script = Repository.root.appending(path: "Sources/Packaging/manual/options").path
        let result = try run(script, commands)
        #expect(result.status == .exited(0), "\(result.standardError)")
        #expect(try Repository.text("\(Self.pages)/options.md") == result.standardOutput)
    }

    private static let markdown =
        [
            "README.md", "Sources/README.md", "dashboards/RUNBOOK.md",
            "Sources/Packaging/CHANGELOG.md",
        ]
        + Repository.files(pages, ".md")

    /// Relative links lead to files, and their fragments to headings.
    @Test(arguments: markdown) func everyLinkLeadsSomewhere(_ path: String) throws {
        let folder = Repository.root.appending(path: path).deletingLastPathComponent()
        for match in try Repository.text(path).matches(of: /\]\(([^)#:\s]*)(?:#([^)\s]+))?\)/) {
            let target = String(match.output.1)
            let name = target.isEmpty ? URL(filePath: path).lastPathComponent : target
            let file = folder.appending(path: name).standardizedFileURL
            #expect(FileManager.default.fileExists(atPath: file.path), "\(path): \(target)")
            guard let fragment = match.output.2 else { continue }
            let headings = try Self.headings(in: String(contentsOf: file, encoding: .utf8))
            #expect(headings.contains(String(fragment)), "\(path): \(match.output.0)")
        }
    }

    /// The fragments that lead to a page's headings, as GitHub makes them.
    private static func headings(in text: String) -> [String] {
        text.matches(of: /(?m)^#+ (.+)$/).map { match in
            match.output.1.lowercased().replacing(/[^\w\- ]/, with: "").replacing(" ", with: "-")
        }
    }

    /// One click from README.md.
    @Test func theReadmeLinksToEveryPage() throws {
        let readme = try Repository.text("README.md")
        for page in Repository.files(Self.pages, ".md") {
            #expect(readme.contains("(\(page)"), "\(page)")
        }
    }
}
