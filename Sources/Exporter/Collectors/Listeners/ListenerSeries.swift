import Exposition
import TCPModel

/// Which listeners have series, and their samples.
struct ListenerSeries {
    /// What is kept of a listener while it has series.
    private struct Shown {
        let labels: LabelSet
        /// Packets dropped since it was first seen; of sockets that were there before, in all their life.
        var droppedCount: UInt64 = 0
        /// Those of its connections.
        var seenStates = SeenStates()
        /// Those of the last scrape.
        var values: ListenerValues

        mutating func update(_ new: ListenerValues) {
            values = new
            droppedCount += new.droppedCount
            seenStates.insert(new.connections)
        }
    }

    private let countsConnections: Bool
    private var ranking: SeriesPlaces<Listener>
    private var shown: [Listener: Shown] = [:]
    /// Those that are shown, in their order.
    private var sorted: [Listener] = []
    private var includesDrops = false
    private var foldedCount = 0

    /// - Parameters:
    ///   - limit: Listeners with series of their own. A proxy can open tens of thousands; the ones beyond
    ///     are summed, address and port `other`.
    ///   - countsConnections: Whether the connections that came in by them are written.
    init(limit: Int, countsConnections: Bool) {
        self.countsConnections = countsConnections
        ranking = SeriesPlaces(limit: limit)
    }

    /// Takes the values of a scrape, and writes them.
    ///
    /// - Parameter includesDrops: Whether it is known what listeners dropped.
    mutating func write(
        _ values: [Listener: ListenerValues], includesDrops: Bool,
        to exposition: inout TextExposition
    ) {
        update(values, includesDrops: includesDrops)
        write(to: &exposition)
    }

    private mutating func update(_ values: [Listener: ListenerValues], includesDrops: Bool) {
        self.includesDrops = includesDrops
        let values = bounded(values)
        var next: [Listener: Shown] = [:]
        next.reserveCapacity(values.count)
        for (listener, values) in values {
            var shown = shown[listener] ?? Shown(labels: listener.labels, values: values)
            shown.update(values)
            next[listener] = shown
        }
        let isSameSet = next.count == shown.count && next.keys.allSatisfy { shown[$0] != nil }
        shown = next
        if !isSameSet { sorted = next.keys.sorted() }
    }

    /// Folds what exceeds the limit.
    private mutating func bounded(
        _ values: [Listener: ListenerValues]
    ) -> [Listener: ListenerValues] {
        ranking.update(
            Dictionary(
                uniqueKeysWithValues: values.lazy.map {
                    ($0.key, $0.value.weight($0.key.module?.kind))
                }))
        foldedCount = 0
        var bounded: [Listener: ListenerValues] = [:]
        bounded.reserveCapacity(values.count)
        for (listener, values) in values {
            if ranking.contains(listener) {
                bounded[listener] = values
            } else {
                foldedCount += 1
                bounded.add(values, to: .other(listener.family))
            }
        }
        return bounded
    }

    /// The processes that hold listeners with long queues or drops, and what is dropped, of the last scrape.
    func note(in history: inout ScrapeHistory, _ suspects: inout [Suspect], namespace: String) {
        for shown in shown.values where shown.values.socketCount > 0 {
            if includesDrops {
                history.note(.drops(shown.labels, namespace), shown.droppedCount)
            }
            guard let process = shown.values.process,
                shown.droppedCount > 0 || shown.values.queue.isLong
            else { continue }
            suspects.append(
                Suspect(
                    subject: .listener(shown.labels), namespace: namespace, process: process))
        }
    }

    private func write(to exposition: inout TextExposition) {
        let listeners = sorted.compactMap { shown[$0] }
        let sockets = listeners.filter { $0.values.socketCount > 0 }
        write(Metric.listenerBacklog, to: &exposition, sockets) { UInt64($0.values.queue.length) }
        write(Metric.listenerBacklogLimit, to: &exposition, sockets) {
            UInt64($0.values.queue.limit)
        }
        write(Metric.listenerSockets, to: &exposition, sockets) { $0.values.socketCount }
        write(Metric.listenerFullSockets, to: &exposition, sockets) { $0.values.fullSocketCount }
        if includesDrops {
            write(Metric.listenerDropped, to: &exposition, sockets) { $0.droppedCount }
        }
        exposition.write(Metric.listenersFolded) { $0.append(value: UInt64(foldedCount)) }
        if countsConnections { writeConnections(to: &exposition, listeners) }
    }

    private func write(
        _ family: MetricFamily, to exposition: inout TextExposition, _ listeners: [Shown],
        _ value: (Shown) -> UInt64
    ) {
        exposition.write(family) { samples in
            for listener in listeners { samples.append(listener.labels, value: value(listener)) }
        }
    }

    private func writeConnections(to exposition: inout TextExposition, _ listeners: [Shown]) {
        exposition.write(Metric.listenerConnections) { samples in
            for listener in listeners {
                samples.append(
                    listener.labels, listener.values.connections, seen: listener.seenStates)
            }
        }
    }
}
