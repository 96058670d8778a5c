import Exporter
import Owners
import SockDiag
import TCPModel

/// From the bytes of a dump to connections.
final class DecodingWork {
    /// Whose directory goes with it.
    private let host: CannedHost
    private let kernel: CannedDump
    private var table: SockDiagSource
    private var readCount: UInt32 = 0
    private var step: [TCPConnection] = []

    init(_ host: CannedHost) {
        self.host = host
        let kernel = CannedDump(rowCount: host.socketCount, firstInode: CannedHost.firstInode)
        self.kernel = kernel
        let transport = kernel.transport()
        table = SockDiagSource(
            host.procfs,
            dump: TCPSocketDump { () throws(ConnectionSourceError) in transport })
    }

    func prepare() {
        readCount += 1
        kernel.expect(sequence: readCount)
    }

    func run() {
        var rowCount = 0
        while read() { rowCount += step.count }
        precondition(rowCount == host.socketCount)
    }

    /// The connections themselves.
    func rows() -> [TCPConnection] {
        prepare()
        var rows: [TCPConnection] = []
        while read() { rows += step }
        return rows
    }

    /// Whether there are more rows, now in `step`.
    private func read() -> Bool {
        do {
            return try table.next(&step) == .rows
        } catch {
            preconditionFailure("the canned dump is not read: \(error)")
        }
    }
}

/// From connections to references to their owners, who are cached by the scrape before.
final class LookupWork {
    /// Whose directory goes with it.
    private let host: CannedHost
    /// The scrape in progress.
    private var lookup: OwnerLookup?
    private let rows: [TCPConnection]
    private var pendingCount = 0

    init(_ host: CannedHost, _ rows: [TCPConnection]) {
        self.host = host
        self.rows = rows
    }

    /// Ends the scrape before, in which a sixty-fourth of the holders is verified, and begins another.
    func prepare() {
        guard let finished = lookup.take() else {
            lookup = host.resolver().beginScrape()
            return
        }
        var source: any ConnectionSource = ReplayedTable(rows: rows)
        lookup = finished.resolve(rereading: &source).finish().beginScrape()
    }

    func run() {
        guard var lookup = lookup.take() else { preconditionFailure("nothing is prepared") }
        pendingCount += Self.lookUp(rows, &lookup)
        self.lookup = consume lookup
    }

    /// On variables that nothing else can change, as a scrape has them: an object's are read each time.
    private static func lookUp(_ rows: [TCPConnection], _ lookup: inout OwnerLookup) -> Int {
        var pendingCount = 0
        for index in rows.indices {
            if case .pending = lookup.lookUp(rows[index]).target { pendingCount += 1 }
        }
        return pendingCount
    }
}

/// From connections to a whole scrape's samples: counting, owners where collectors ask for them, and
/// the few series that there are.
final class ScrapeWork {
    /// Whose directory goes with it.
    private let host: CannedHost
    private var scraper: Scraper

    init(
        _ host: CannedHost, _ rows: [TCPConnection],
        collectors: Set<CollectorName> = Set(CollectorName.allCases)
    ) {
        self.host = host
        let options = ScraperOptions(
            collectors: collectors, includesExporterMetrics: false, host: host.procfs)
        scraper = Scraper(
            options, source: ReplayedTable(rows: rows), resolver: host.resolver())
    }

    func run() {
        let scrape = scraper.scrape()
        precondition(scrape.isTableRead)
    }
}

/// Connections that were decoded before.
private struct ReplayedTable: ConnectionSource, ListenerSource {
    let rows: [TCPConnection]
    private var isComplete = false

    init(rows: [TCPConnection]) { self.rows = rows }

    mutating func next(
        _ rows: inout [TCPConnection]
    ) throws(ConnectionSourceError) -> DumpStep {
        isComplete.toggle()
        guard isComplete else {
            rows = []
            return .complete(DumpOutcome())
        }
        rows = self.rows
        return .rows
    }

    func listeners() throws(ConnectionSourceError) -> [ListeningSocket] { [] }
}
