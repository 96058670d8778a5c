import Exporter
import TableFakes
import TestSupport
import Testing

@testable import Exposition
@testable import TCPModel

/// The catalogue says what an exposition holds, and an exposition holds what the catalogue says.
struct CatalogueTests {
    @Test func everyFamilyOfTheCatalogueIsWrittenAndNoOther() throws {
        let text = try RichTable.stage().scrape()
        #expect(Set(text.names) == Set(Metric.all.map(\.name.description)))
        #expect(Metric.all.count == text.names.count)
    }

    @Test func kindsAndHelpAreTheCatalogues() throws {
        let text = try RichTable.stage().scrape()
        for metric in Metric.all {
            let family = try #require(text[metric.name.description])
            #expect(family.kind == metric.kind.label.description)
            #expect(family.help == metric.help.description)
            #expect(family.help.hasSuffix("."), "HELP is a sentence: \(family.help)")
        }
    }

    @Test func everyFamilyOfTheRichTableHasSamples() throws {
        let text = try RichTable.stage().scrape()
        #expect(text.families.filter(\.samples.isEmpty).map(\.name) == [])
    }

    @Test func labelsAreInTheCataloguesOrder() throws {
        let text = try RichTable.stage().scrape()
        for metric in Metric.all {
            let order = metric.labels.map(\.description)
            for sample in text.samples(metric.name.description) {
                let names = sample.labels.map(\.name)
                #expect(names == order.filter(names.contains), "\(metric.name)")
            }
        }
    }

    @Test func everyLabelOfTheCatalogueIsUsed() throws {
        let text = try RichTable.stage().scrape()
        for metric in Metric.all {
            let used = text.samples(metric.name.description).flatMap(\.labels).map(\.name)
            #expect(Set(used) == Set(metric.labels.map(\.description)), "\(metric.name)")
        }
    }

    @Test func closedSetsOfLabelValuesAreCompleteWithZeros() throws {
        let text = try scrape([])
        let states = Set(SocketState.allCases.map(\.label))
        let offloadStates: Set = ["in_host", "offloading", "offloaded", "uploading"]
        expect(text, "tcptable_connections", ["family": ["ipv4", "ipv6"], "state": states])
        expect(
            text, "tcptable_unattributed_connections",
            [
                "reason": ["not_found", "protected", "partial", "ambiguous", "kernel"],
                "state": states,
            ])
        expect(
            text, "tcptable_offload_connections",
            ["family": ["ipv4", "ipv6"], "offload_state": offloadStates])
        expect(text, "tcptable_ephemeral_ports_used", ["family": ["ipv4", "ipv6"]])
        #expect(text.value("tcptable_modules_folded") == 0)
        #expect(text.value("tcptable_table_dump_interruptions_total") == 0)
    }

    @Test func equalTablesMakeEqualBytes() throws {
        let expositions = try (0..<3).map { _ in
            let stage = try RichTable.stage()
            stage.script.next.rows.shuffle()
            _ = try stage.scrape()
            return masked(stage.lastScrape?.exposition ?? [])
        }
        #expect(Set(expositions.map { Array($0.utf8) }).count == 1)
    }

    /// Labels that targets have, or that say too much of a person's connections, are avoided.
    @Test func noLabelClashesWithWhatPrometheusAddsItself() {
        let avoided: Set = [
            "owner", "service", "type", "instance", "job", "cluster", "region", "zone", "env",
            "environment", "customer", "stage", "pid", "remote_address", "remote_port",
        ]
        for metric in Metric.all {
            #expect(avoided.isDisjoint(with: metric.labels.map(\.description)), "\(metric.name)")
        }
    }

    /// Every combination of the values, each of them 0, and no other.
    private func expect(
        _ text: MetricsText, _ family: String, _ labels: [String: Set<String>],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let samples = text.samples(family)
        let count = labels.values.map(\.count).reduce(1, *)
        #expect(samples.count == count, sourceLocation: sourceLocation)
        #expect(samples.allSatisfy { $0.value == 0 }, sourceLocation: sourceLocation)
        for (name, values) in labels {
            #expect(Set(samples.map { $0[name] }) == values, sourceLocation: sourceLocation)
        }
    }
}
