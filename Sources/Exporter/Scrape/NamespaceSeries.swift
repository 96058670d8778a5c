import Exposition
import Owners
import TCPModel

/// The series of all network namespaces with one label, which are one, by addition.
///
/// It keeps what series have from scrape to scrape: a container that starts again has a new namespace, and
/// goes on with its series.
struct NamespaceSeries {
    private var module: ModuleCollector?
    private var listener: ListenerSeries?
    private var peer: PeerSeries?
    private var kernelTLS = KernelTLSCounters()
    /// The modules that have, or have had, connections here.
    private var present: Set<OwnerModule> = []

    init(_ options: ScraperOptions) {
        let names = options.collectors
        module = names.contains(.module) ? ModuleCollector() : nil
        listener =
            names.contains(.listener)
            ? ListenerSeries(
                limit: options.listenerLimit,
                countsConnections: options.countsListenerConnections) : nil
        peer = names.contains(.peer) ? PeerSeries(options.peers) : nil
    }

    /// Writes every family of the tables.
    ///
    /// - Parameter namespaces: Those whose tables were read, at least one.
    mutating func write(
        _ namespaces: [ObservedNamespace], to exposition: inout TextExposition,
        _ directory: ModuleDirectory
    ) {
        let tables = namespaces.map(\.collectors)
        let counts = tables.map(\.counts).sum(+=) ?? ModuleCounts()
        let modules = presentModules(directory, counts)
        exposition.part(CollectorName.state.part) {
            tables.compactMap(\.state).sum(+=)?.write(to: &$0)
        }
        exposition.part(CollectorName.offload.part) {
            writeOffload(namespaces, modules, to: &$0)
        }
        exposition.part(CollectorName.module.part) { module?.write(to: &$0, modules, counts) }
        if tables[0].names.contains(.queue) {
            exposition.part(CollectorName.queue.part) { QueueCollector().write(to: &$0, modules) }
        }
        exposition.part(CollectorName.listener.part) {
            writeListeners(namespaces, directory, to: &$0)
        }
        exposition.part(CollectorName.peer.part) {
            peer?.write(tables.compactMap(\.peer), to: &$0, directory)
        }
        exposition.part(CollectorName.ephemeralPort.part) {
            EphemeralPortCollector.fullest(tables.compactMap(\.ephemeralPort))?.write(to: &$0)
        }
    }

    private mutating func presentModules(
        _ directory: ModuleDirectory, _ counts: ModuleCounts
    ) -> [ModuleDirectory.Counted] {
        let counted = directory.exposed.map {
            ModuleDirectory.Counted(exposed: $0, cells: counts.sum(of: $0.members))
        }
        let modules = counted.filter {
            $0.cells.count > 0 || present.contains($0.exposed.module)
        }
        present = Set(modules.map(\.exposed.module))
        return modules
    }

    /// Where it is unknown in one namespace, no offload state is written: `in_host` would be a guess.
    private mutating func writeOffload(
        _ namespaces: [ObservedNamespace], _ modules: [ModuleDirectory.Counted],
        to exposition: inout TextExposition
    ) {
        if namespaces.allSatisfy(\.isOffloadKnown) {
            namespaces.compactMap(\.collectors.offload).sum(+=)?
                .write(to: &exposition, modules, countsEveryConnection: module != nil)
        }
        let statistics = namespaces.compactMap { namespace in
            namespace.kernelTLS.map { (namespace.namespace?.inode ?? 0, $0) }
        }
        if !statistics.isEmpty { kernelTLS.write(statistics, to: &exposition) }
    }

    private mutating func writeListeners(
        _ namespaces: [ObservedNamespace], _ directory: ModuleDirectory,
        to exposition: inout TextExposition
    ) {
        var values: [Listener: ListenerValues] = [:]
        for namespace in namespaces {
            namespace.collectors.listener?
                .add(to: &values, directory, interfaces: namespace.interfaces)
        }
        let areDropsKnown = namespaces.allSatisfy {
            $0.collectors.listener?.areDropsKnown == true
        }
        listener?.write(values, includesDrops: areDropsKnown, to: &exposition)
    }
}

extension Array {
    /// The sum of all; nil of none.
    fileprivate func sum(_ add: (inout Element, Element) -> Void) -> Element? {
        guard var sum = first else { return nil }
        for element in dropFirst() { add(&sum, element) }
        return sum
    }
}
