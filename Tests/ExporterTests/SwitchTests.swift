import TestSupport
import Testing

@testable import Exporter
@testable import Exposition
@testable import TCPModel

private let familiesOf: [CollectorName: Set<String>] = [
    .state: ["tcptable_connections"],
    .module: [
        "tcptable_module_connections", "tcptable_module_info",
        "tcptable_unattributed_connections", "tcptable_modules_folded",
        "tcptable_container_names", "tcptable_module_map_last_reload_successful",
        "tcptable_owner_cache_sockets", "tcptable_owner_cache_limit_sockets",
    ],
    .offload: [
        "tcptable_offload_connections", "tcptable_module_offload_connections",
        "tcptable_tls_connections", "tcptable_tls_sessions_total",
        "tcptable_tls_decrypt_errors_total", "tcptable_tls_decrypt_retries_total",
        "tcptable_tls_padding_violations_total", "tcptable_tls_device_resyncs_total",
        "tcptable_tls_rekeys_total", "tcptable_tls_rekeys_received_total",
    ],
    .queue: ["tcptable_module_receive_queue_bytes", "tcptable_module_send_queue_bytes"],
    .listener: [
        "tcptable_listener_backlog_connections", "tcptable_listener_backlog_limit_connections",
        "tcptable_listener_sockets", "tcptable_listener_full_sockets",
        "tcptable_listener_dropped_connections_total", "tcptable_listener_connections",
        "tcptable_listeners_folded",
    ],
    .ephemeralPort: [
        "tcptable_ephemeral_ports", "tcptable_ephemeral_ports_used",
        "tcptable_ephemeral_ports_busiest_destination",
    ],
    .peer: ["tcptable_peer_connections"],
]

private let perCollector = [
    "tcptable_scrape_collector_success", "tcptable_scrape_collector_duration_seconds",
]

/// What is off leaves nothing behind, and what is on says the same whatever else is on.
struct SwitchTests {
    private static let subsets: [Set<CollectorName>] = (0..<128).map { bits in
        Set(
            CollectorName.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
        )
    }

    /// One scrape with every collector.
    private static let whole = Result {
        let stage = try RichTable.stage(moduleLimit: 200)
        let text = try stage.scrape()
        return (text: text, scrape: try #require(stage.lastScrape))
    }

    @Test func everyCollectorHasAFlagAndFamilies() {
        #expect(Set(familiesOf.keys) == Set(CollectorName.allCases))
    }

    @Test(arguments: subsets)
    func exactlyTheFamiliesOfTheOthersAreGone(_ collectors: Set<CollectorName>) throws {
        let all = try Self.whole.get().text
        let text = try Self.scrape(collectors)
        let gone = Set(CollectorName.allCases).subtracting(collectors)
        let expected = gone.reduce(Set(all.names)) { $0.subtracting(familiesOf[$1] ?? []) }
        #expect(Set(text.names) == expected)
        for family in perCollector {
            #expect(
                text.samples(family).map { $0["collector"] } == collectors.map(\.rawValue).sorted())
        }
        #expect(text.samples(perCollector[0]).allSatisfy { $0.value == 1 })
    }

    /// One scrape of everything, of which some is asked for, by an answer's parts.
    @Test(arguments: subsets)
    func exactlyTheFamiliesOfTheOthersAreLeftOut(
        _ collectors: Set<CollectorName>
    ) throws {
        let (all, scrape) = try Self.whole.get()
        let parts = collectors.reduce(into: ExpositionParts()) { $0.formUnion($1.part) }
        let text = try MetricsText(scrape.exposition(of: parts))
        let gone = Set(CollectorName.allCases).subtracting(collectors)
        let leftOut = gone.reduce(into: Set()) { $0.formUnion(familiesOf[$1] ?? []) }
        #expect(text.names == all.names.filter { !leftOut.contains($0) })
        for family in text.names where !perCollector.contains(family) {
            #expect(text.samples(family).map(\.line) == all.samples(family).map(\.line))
        }
        for family in perCollector {
            #expect(
                text.samples(family).map { $0["collector"] } == collectors.map(\.rawValue).sorted())
        }
    }

    /// Zeros come and go with what else is known of a module; what is counted does not.
    @Test(arguments: subsets)
    func whatIsCountedDoesNotDependOnWhatElseIsOn(_ collectors: Set<CollectorName>) throws {
        let all = try Self.whole.get().text
        let text = try Self.scrape(collectors)
        for family in collectors.flatMap({ familiesOf[$0] ?? [] }) {
            let isInHostKnown =
                family != "tcptable_module_offload_connections" || collectors.contains(.module)
            let expected = Self.counted(all, family, withInHost: isInHostKnown)
            #expect(Self.counted(text, family, withInHost: isInHostKnown) == expected, "\(family)")
        }
    }

    private static func scrape(_ collectors: Set<CollectorName>) throws -> MetricsText {
        try RichTable.stage(collectors, moduleLimit: 200).scrape()
    }

    private static func counted(
        _ text: MetricsText, _ family: String, withInHost: Bool
    ) -> Set<String> {
        let samples = text.samples(family).filter { $0.value != 0 }
            .filter { withInHost || $0["offload_state"] != "in_host" }
        return Set(samples.map(\.line))
    }
}

extension MetricsText.Sample {
    /// All of it but the family's name.
    fileprivate var line: String {
        "\(labels.map { "\($0.name)=\($0.value)" }) \(spelling)"
    }
}
