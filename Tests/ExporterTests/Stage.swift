import Exporter
import Foundation
import HostFakes
import MetricsServer
import Owners
import Procfs
import TableFakes
import TestSupport
import Testing
import WebConfiguration

@testable import TCPModel

/// A scraper over a scripted table and a made-up host.
final class Stage {
    let host: FakeHost
    let script = ScriptedTable.Script()
    private(set) var lastScrape: Scrape?
    private var scraper: Scraper

    init(
        _ collectors: Set<CollectorName> = Set(CollectorName.allCases), moduleLimit: Int = 200,
        containerNaming: (any ContainerNaming)? = nil, host: FakeHost? = nil,
        _ change: (inout ScraperOptions) throws -> Void = { _ in }
    ) throws {
        let host = try host ?? FakeHost()
        self.host = host
        var options = ScraperOptions.madeUp(host, collectors, moduleLimit: moduleLimit)
        if let containerNaming { options.containerNaming = containerNaming }
        try change(&options)
        scraper = Scraper(
            options, source: ScriptedTable(script: script),
            resolver: host.resolver(containerNaming: containerNaming))
        scraper.publish(ServerMonitor(ServerLimits()), Readiness())
    }

    /// One scrape of the rows, read back. Whatever a test is about, the exposition is sound.
    func scrape(
        _ rows: [TCPConnection]? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> MetricsText {
        if let rows { script.next.rows = rows }
        let scrape = scraper.scrape()
        lastScrape = scrape
        let text = try MetricsText(scrape.exposition)
        #expect(text.conservationBreaches == [], sourceLocation: sourceLocation)
        return text
    }
}

extension ScraperOptions {
    /// Owners from the made-up host, and from no cgroup file system.
    static func madeUp(
        _ host: FakeHost, _ collectors: Set<CollectorName> = Set(CollectorName.allCases),
        moduleLimit: Int = 200
    ) -> ScraperOptions {
        var options = ScraperOptions(
            collectors: collectors, moduleLimit: moduleLimit, host: host.procfs)
        options.naming = NoRules()
        options.containerNaming = OnePod()
        options.webReload = { WebReloadStatus(isSuccessful: true, successSeconds: 1_700_000_000.5) }
        return options
    }
}

/// One scrape of the rows by a new scraper.
func scrape(
    _ rows: [TCPConnection], _ collectors: Set<CollectorName> = Set(CollectorName.allCases)
) throws -> MetricsText {
    try Stage(collectors).scrape(rows)
}

/// Every container is one of Kubernetes'.
struct OnePod: ContainerNaming {
    let problems: [String] = []

    var results: ContainerNameResults {
        var results = ContainerNameResults()
        results[.named] = 1
        return results
    }

    func names(of containers: [ContainerFacts]) -> [ModuleIdentity: ContainerName] {
        let name = KubernetesName(
            namespace: Array("shop".utf8), pod: Array("api-5d9".utf8), container: Array("api".utf8))
        return Dictionary(containers.map { ($0.module, .kubernetes(name)) }) { first, _ in first }
    }
}

/// A module map without rules.
private struct NoRules: ProcessNaming {
    let problems: [String] = []
    let isCurrent = true

    func beginScrape() -> Bool { false }
    func name(of process: ProcessFacts) -> NamingOutcome { .unnamed }
}
