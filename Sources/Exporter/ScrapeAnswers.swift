import Exposition
import MetricsServer
import Synchronization

/// The answers of one scrape: each form of it is written once, for the first who wants it, however
/// many do.
///
/// It lives as long as its flight: what is held at once is bounded by the requests that may wait for
/// one scrape (`ServerLimits.maxRequests`, or `connectionsMax`), each with one form of its own. The writing is done
/// by whoever asks, which is the scrape's thread and none of the server's.
final class ScrapeAnswers: Sendable {
    private let scrape: Scrape
    private let written = Mutex<[ResponseVariant: HTTPResponse]>([:])

    init(_ scrape: Scrape) {
        self.scrape = scrape
    }

    /// The answer in that variant.
    func response(_ variant: ResponseVariant) -> HTTPResponse {
        if let response = written.withLock({ $0[variant] }) { return response }
        let response = write(variant)
        written.withLock { $0[variant] = response }
        return response
    }

    /// The page for people; few ask for it, so it is not kept.
    func page(telemetryPath: String) -> HTTPResponse {
        StatusPage.response(scrape, telemetryPath: telemetryPath)
    }

    private func write(_ variant: ResponseVariant) -> HTTPResponse {
        switch variant.coding {
        case .identity: return plain(variant)
        case .gzip:
            var uncompressed = variant
            uncompressed.coding = .identity
            return response(uncompressed).gzippedIfWorthIt()
        }
    }

    /// Without the table there is no truth to tell: 503, so that no scraper stores anything.
    private func plain(_ variant: ResponseVariant) -> HTTPResponse {
        HTTPResponse(
            status: scrape.isTableRead ? 200 : 503, contentType: variant.format.contentType,
            headers: [(name: "Vary", value: "Accept, Accept-Encoding")],
            body: scrape.exposition(as: variant.format, of: variant.parts))
    }
}
