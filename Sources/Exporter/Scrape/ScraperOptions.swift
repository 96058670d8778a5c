package import TCPModel
package import WebConfiguration

/// What a scraper is made from.
package struct ScraperOptions: Sendable {
    /// Where the paths of executables are cut, if nothing else is asked for. Prometheus refuses a whole
    /// target for one label value that is longer than its limit, and some services set that to 1,023 bytes.
    package static let pathByteCount = 512
    /// Where they may be cut: a cut text ends in a hash.
    package static let pathByteCountRange = 32...1023

    /// The collectors that are enabled; that of peers has an effect only where some are named.
    package var collectors: Set<CollectorName> {
        get { peers.isEmpty ? enabled.subtracting([.peer]) : enabled }
        set { enabled = newValue }
    }
    private var enabled: Set<CollectorName>
    /// Collectors that are enabled, fail, and are not tried.
    package private(set) var unavailableCollectors: Set<CollectorName> = []
    /// How many owner modules have series of their own.
    package var moduleLimit: Int
    /// How many listeners of a network namespace have.
    package var listenerLimit = 500
    /// Whether the connections are counted that came in by each listener.
    package var countsListenerConnections = true
    /// At how many bytes the paths of executables are cut; 0 leaves them out.
    package var modulePathByteCountMax = Self.pathByteCount
    /// Peers by name.
    package var peers = PeerTable()
    /// Which modules can have series of their own.
    package var moduleChoice = ModuleChoice()
    /// The rules by which processes get names; nil without any.
    package var naming: (any ProcessNaming)?
    /// The names of containers; nil calls them by their IDs.
    package var containerNaming: (any ContainerNaming)?
    package var networkNamespaces: NetworkNamespaceScope
    /// Whether the `process_*` and `tcptable_http_*` families are given.
    package var includesExporterMetrics: Bool
    /// How the last reading of the web configuration went; nil where there is none.
    package var webReload: (@Sendable () -> WebReloadStatus)?
    /// What is read of the host besides tables and owners.
    package var host: any HostInformation

    package init(
        collectors: Set<CollectorName> = Set(CollectorName.allCases), moduleLimit: Int = 200,
        networkNamespaces: NetworkNamespaceScope = .own, includesExporterMetrics: Bool = true,
        host: any HostInformation
    ) {
        enabled = collectors
        self.moduleLimit = moduleLimit
        self.networkNamespaces = networkNamespaces
        self.includesExporterMetrics = includesExporterMetrics
        self.host = host
    }
    /// Of the table alone, in the own namespace: what can be had while a whole scrape hangs.
    package var reduced: ScraperOptions {
        var options = self
        options.collectors.formIntersection(CollectorName.allCases.filter { !$0.needsOwners })
        options.unavailableCollectors = collectors.subtracting(options.collectors)
        options.networkNamespaces = .own
        return options
    }
}
