import Linux
import Synchronization
import TCPModel

/// When a scrape last made progress. A scrape that makes none hangs, however large the table.
package final class ScrapeProgress: Sendable {
    private let nanoseconds = Atomic(MonotonicTime.now.nanoseconds)

    package init() {}

    var last: MonotonicTime { MonotonicTime(nanoseconds: nanoseconds.load(ordering: .relaxed)) }

    func note() { nanoseconds.store(MonotonicTime.now.nanoseconds, ordering: .relaxed) }
}

/// A table of which each step is progress.
struct ProgressingSource: ConnectionSource, ListenerSource {
    private var source: any ConnectionSource & ListenerSource
    private let progress: ScrapeProgress

    init(_ source: any ConnectionSource & ListenerSource, _ progress: ScrapeProgress) {
        self.source = source
        self.progress = progress
    }

    var stuckThreadCount: Int { source.stuckThreadCount }

    mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        progress.note()
        return try source.next(&rows)
    }

    mutating func listeners() throws(ConnectionSourceError) -> [ListeningSocket] {
        progress.note()
        return try source.listeners()
    }
}
