import Exporter
import Exposition
import Foundation
import Testing

/// What holds the house together, beyond what a compiler sees.
struct RepositoryTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The paths below a folder, from the repository's root.
    private static func files(_ folder: String, _ suffix: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return (names?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }.sorted()
    }

    private static var metricNames: Set<String> {
        Set(Metric.all.map(\.name.description))
    }

    /// The metric names that a text mentions: not the program's, nor a prefix with an asterisk.
    private static func namesMentioned(in text: String) -> Set<String> {
        let found = text.matches(of: /\b(?:tcptable|process)_[a-z_]*[a-z]\b(?!\*)/)
        return Set(found.map { String($0.output) }).subtracting(["tcptable_exporter"])
    }

    @Test func theReadmeNamesEveryMetricAndNoOther() throws {
        let named = Self.namesMentioned(in: try Self.text("README.md"))
        #expect(named.subtracting(Self.metricNames) == [])
        #expect(Self.metricNames.subtracting(named) == [])
    }

    @Test func theReadmeGivesEachMetricItsLabels() throws {
        let readme = try Self.text("README.md")
        for family in Metric.all where !family.labels.isEmpty {
            let row = readme.split(separator: "\n").first { $0.hasPrefix("| `\(family.name)`") }
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            #expect(
                row?.contains("| \(labels) |") == true || row?.contains("| the same |") == true,
                "\(family.name)")
        }
    }

    @Test func everyMetricIsDescribedByASentence() {
        for family in Metric.all {
            #expect(family.help.description.hasSuffix("."), "\(family.name)")
            #expect(family.help.description.first?.isUppercase == true, "\(family.name)")
        }
    }

    @Test func theReadmeIsShort() throws {
        #expect(try Self.text("README.md").split(separator: "\n").count <= 300)
    }

    @Test func noSourceFileIsLong() throws {
        let sources = [".swift", ".c", ".h"].flatMap { Self.files("Sources", $0) }
        for path in sources + Self.files("Tests", ".swift") {
            let lineCount = try Self.text(path).count { $0 == "\n" }
            #expect(lineCount <= 400, "\(path)")
        }
    }

    @Test func nothingIsLeftForLater() throws {
        for path in Self.files("Sources", ".swift") + Self.files("Sources", ".c") {
            let text = try Self.text(path)
            #expect(!text.contains(/TODO|FIXME|XXX/), "\(path)")
        }
    }

    @Test func whatIsShippedImportsNoFoundation() throws {
        for path in Self.files("Sources", ".swift") {
            #expect(!(try Self.text(path).contains(/import Foundation/)), "\(path)")
        }
    }

    /// An argument of the modules' dependency rules: these know nothing of TCP.
    @Test(arguments: ["Exposition", "MetricsServer"])
    func theEdgesKnowNothingOfTheTable(_ target: String) throws {
        for path in Self.files("Sources/\(target)", ".swift") {
            let imports = try Self.text(path).matches(
                of: /import (TCPConnections|SockDiag|OwnerModules)/)
            #expect(imports.isEmpty, "\(path)")
        }
    }

    @Test func theTopLevelHoldsWhatItShould() throws {
        let allowed: Set = ["Package.swift", "Package.resolved", "Sources", "Tests", "dashboards"]
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
        let others = names.filter { !$0.hasPrefix(".") && !allowed.contains($0) }
        #expect(others == ["README.md"])
    }
}
