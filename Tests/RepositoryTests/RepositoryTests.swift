import Exporter
import Exposition
import Foundation
import TestSupport
import Testing

/// Rules of the repository that a compiler does not check.
struct RepositoryTests {
    @Test func everyMetricIsDescribedByASentence() {
        for family in Metric.all {
            #expect(family.help.description.hasSuffix("."), "\(family.name)")
            #expect(family.help.description.first?.isUppercase == true, "\(family.name)")
        }
    }

    /// Packages have the changelog's version.
    @Test func theChangelogBeginsWithTheVersionOfTheCommands() throws {
        let changes = try Repository.text("Sources/Packaging/CHANGELOG.md")
        let newest = try #require(changes.firstMatch(of: /(?m)^## (\S+)/))
        for command in ["tcptable", "tcptable_exporter"] {
            let version = try run(product(command), ["--version"]).standardOutput
            #expect(version.hasPrefix("\(command) \(newest.output.1) "))
        }
    }

    /// Debian's form of it is indented by two columns, and has 80.
    @Test func theItemsOfTheChangelogAreNarrow() throws {
        let changes = try Repository.text("Sources/Packaging/CHANGELOG.md")
        let items = changes.split(separator: "\n").filter {
            $0.hasPrefix("- ") || $0.hasPrefix("  ")
        }
        #expect(!items.isEmpty)
        #expect(items.filter { $0.count > 76 } == [])
    }

    @Test func noSourceFileIsLong() throws {
        let sources = [".swift", ".c", ".h"].flatMap { Repository.files("Sources", $0) }
        for path in sources + Repository.files("Tests", ".swift") {
            let lineCount = try Repository.text(path).count { $0 == "\n" }
            #expect(lineCount <= 400, "\(path)")
        }
    }

    @Test func nothingIsLeftForLater() throws {
        for path in Repository.files("Sources", ".swift") + Repository.files("Sources", ".c") {
            let text = try Repository.text(path)
            #expect(!text.contains(/TODO|FIXME|XXX/), "\(path)")
        }
    }

    @Test func whatIsShippedImportsNoFoundation() throws {
        for path in Repository.files("Sources", ".swift") {
            #expect(!(try Repository.text(path).contains(/import Foundation/)), "\(path)")
        }
    }

    /// An argument of the modules' dependency rules: these know nothing of TCP.
    @Test(arguments: ["Exposition", "MetricsServer"])
    func theEdgesKnowNothingOfTheTable(_ target: String) throws {
        for path in Repository.files("Sources/\(target)", ".swift") {
            let imports = try Repository.text(path).matches(
                of: /import (TCPConnections|SockDiag|OwnerModules)/)
            #expect(imports.isEmpty, "\(path)")
        }
    }

    @Test func theTopLevelHoldsWhatItShould() throws {
        let allowed: Set = ["Package.swift", "Package.resolved", "Sources", "Tests", "dashboards"]
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path)
        let others = names.filter { !$0.hasPrefix(".") && !allowed.contains($0) }
        #expect(others == ["README.md"])
    }
}
