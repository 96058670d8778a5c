import Exposition
import Owners
import TCPModel

/// The series of all network namespaces with one label, which are one, by addition.
///
/// It keeps what series have from scrape to scrape: a container that starts again has a new namespace, and
/// goes on with its series.
struct NamespaceSeries {
    /// What all samples begin with: `netns`, or nothing.
    private let labels: LabelSet
    private let name: String
    private var module: ModuleCollector?
    private var listener: ListenerSeries?
    private var peer: PeerSeries?
    private var kernelTLS = KernelTLSCounters()
    /// The modules that have, or have had, connections here.
    private var present: Set<OwnerModule> = []
    /// Those of the last scrape.
    private var modules: [ModuleDirectory.Counted] = []

    /// - Parameter label: The value of the label `netns`; empty for the exporter's own.
    init(_ label: String, _ options: ScraperOptions) {
        labels = LabelSet([("netns", label)])
        name = label
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
        exposition.labeled(labels) { writeAll(namespaces, to: &$0, directory) }
    }

    private mutating func writeAll(
        _ namespaces: [ObservedNamespace], to exposition: inout TextExposition,
        _ directory: ModuleDirectory
    ) {
        let counts = namespaces.sum({ $0.counts }, +=) ?? ModuleCounts()
        let modules = presentModules(directory, counts)
        self.modules = modules
        exposition.part(CollectorName.state.part) {
            namespaces.sum({ $0.state }, +=)?.write(to: &$0)
        }
        exposition.part(CollectorName.offload.part) {
            writeOffload(namespaces, modules, to: &$0)
        }
        exposition.part(CollectorName.module.part) { module?.write(to: &$0, modules, counts) }
        if namespaces[0].collectors.names.contains(.queue) {
            exposition.part(CollectorName.queue.part) { QueueCollector().write(to: &$0, modules) }
        }
        exposition.part(CollectorName.listener.part) {
            writeListeners(namespaces, directory, to: &$0)
        }
        exposition.part(CollectorName.peer.part) {
            peer?.write(namespaces.compactMap(\.collectors.peer), to: &$0, directory)
        }
        exposition.part(CollectorName.ephemeralPort.part) {
            // The sum would hide that one has hardly any left.
            namespaces.sum({ $0.ephemeralPort }, { $0 = EphemeralPortCollector.fuller($0, $1) })?
                .write(to: &$0)
        }
    }

    /// Notes what the page shows besides samples, after they are written.
    func note(
        in history: inout ScrapeHistory, _ suspects: inout [Suspect],
        _ namespaces: [ObservedNamespace], _ owners: borrowing ResolvedOwners
    ) {
        listener?.note(in: &history, &suspects, namespace: name)
        guard module != nil else { return }
        for module in modules {
            history.note(.module(module.labels, name), module.cells.count)
            history.note(
                .closeWait(module.labels, name),
                UInt64(module.cells.states[TCPState.closeWait.index]))
        }
        var tally = SuspectTally(modules)
        guard !tally.isEmpty else { return }
        for namespace in namespaces { namespace.collectors.add(to: &tally, owners) }
        suspects += tally.suspects(in: name)
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
        if namespaces.allSatisfy({ $0.isOffloadKnown }) {
            namespaces.sum({ $0.offload }, +=)?
                .write(to: &exposition, modules, countsEveryConnection: module != nil)
        }
        var isKnown = false
        kernelTLS.forgetOthers { inode in
            namespaces.contains { ($0.namespace?.inode ?? 0) == inode }
        }
        for namespace in namespaces {
            guard let statistics = namespace.kernelTLS else { continue }
            kernelTLS.add(statistics, of: namespace.namespace?.inode ?? 0)
            isKnown = true
        }
        if isKnown { kernelTLS.write(to: &exposition) }
    }

    private mutating func writeListeners(
        _ namespaces: [ObservedNamespace], _ directory: ModuleDirectory,
        to exposition: inout TextExposition
    ) {
        guard listener != nil else { return }
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

extension [ObservedNamespace] {
    /// The sum of what a collector counted in each; nil if there is no such collector.
    fileprivate func sum<Counts>(
        _ counts: (CollectorSet) -> Counts?, _ add: (inout Counts, Counts) -> Void
    ) -> Counts? {
        var sum: Counts?
        for namespace in self {
            guard let more = counts(namespace.collectors) else { continue }
            if var all = sum {
                add(&all, more)
                sum = all
            } else {
                sum = more
            }
        }
        return sum
    }
}
