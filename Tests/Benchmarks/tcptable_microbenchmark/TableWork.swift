import Exporter
import OwnerModules
import SockDiag
import TCPConnections

/// From the bytes of a dump to connections.
final class DecodingWork {
    /// Whose directory goes with it.
    private let host: CannedHost
    private let kernel: CannedDump
    private var table: KernelTCPTable
    private var readCount: UInt32 = 0

    init(_ host: CannedHost) {
        self.host = host
        let kernel = CannedDump(rowCount: host.socketCount, firstInode: CannedHost.firstInode)
        self.kernel = kernel
        let transport = kernel.transport()
        table = KernelTCPTable(
            procfs: host.procfs,
            dump: TCPSocketDump { () throws(SockDiagError) in transport })
    }

    func prepare() {
        readCount += 1
        kernel.expect(sequence: readCount)
    }

    func run() {
        var rowCount = 0
        read { _ in rowCount += 1 }
        precondition(rowCount == host.socketCount)
    }

    /// The connections themselves.
    func rows() -> [TCPConnection] {
        prepare()
        var rows: [TCPConnection] = []
        read { rows.append(copy $0) }
        return rows
    }

    private func read(_ body: (borrowing TCPConnection) -> Void) {
        do {
            _ = try table.read(begin: {}, body: body)
        } catch {
            preconditionFailure("the canned dump is not read: \(error)")
        }
    }
}

/// From connections to their owners, who are remembered from the scrape before.
final class AttributionWork {
    /// Whose directory goes with it.
    private let host: CannedHost
    private var attribution: OwnerAttribution
    private let rows: [TCPConnection]
    private var isBegun = false
    private var givenCount: UInt64 = 0

    init(_ host: CannedHost, _ rows: [TCPConnection]) {
        self.host = host
        attribution = OwnerAttribution(procfs: host.procfs, cgroupfs: host.cgroupfs)
        self.rows = rows
    }

    /// Ends the scrape before, in which a sixty-fourth of the answers is verified, and begins another.
    func prepare() {
        if isBegun {
            do {
                try attribution.attribute({ tally, _ in givenCount += tally.count }) { _ in }
            } catch {
                preconditionFailure("the made-up host is not read: \(error)")
            }
            precondition(
                givenCount == rows.count,
                "\(givenCount) connections of \(rows.count) were given")
        }
        givenCount = 0
        isBegun = true
        attribution.beginScrape()
    }

    func run() { Self.run(&attribution, rows, &givenCount) }

    /// On variables that no other change can go into, as a scrape has them: an object's are asked each
    /// time.
    private static func run(
        _ attribution: inout OwnerAttribution, _ rows: [TCPConnection], _ givenCount: inout UInt64
    ) {
        for row in rows { attribution.take(row) { tally, _ in givenCount += tally.count } }
        attribution.endTable { tally, _ in givenCount += tally.count }
    }
}

/// From connections to a whole scrape's samples: counting, owners where collectors ask for them, and
/// the few series that there are.
final class ScrapeWork {
    /// Whose directory goes with it.
    private let host: CannedHost
    private var scraper: Scraper<ReplayedTable>

    init(
        _ host: CannedHost, _ rows: [TCPConnection],
        collectors: Set<CollectorName> = Set(CollectorName.allCases)
    ) {
        self.host = host
        let options = ScraperOptions(
            collectors: collectors, includesExporterMetrics: false, procfs: host.procfs,
            cgroupfs: host.cgroupfs)
        scraper = Scraper(options, source: ReplayedTable(rows: rows))
    }

    func run() {
        let scrape = scraper.scrape()
        precondition(scrape.isTableRead)
    }
}

/// Connections that were decoded before.
private struct ReplayedTable: TCPTableSource {
    let rows: [TCPConnection]

    func read(
        begin: () -> Void, body: (borrowing TCPConnection) -> Void
    ) throws(SockDiagError) -> TCPSocketDump.Outcome {
        begin()
        for row in rows { body(row) }
        return TCPSocketDump.Outcome()
    }
}
