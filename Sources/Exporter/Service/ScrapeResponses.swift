import Exposition
import MetricsServer
import Synchronization

/// The responses of one scrape. Each variant is written once, for the first request that asks for
/// it.
///
/// It is released with its scrape. The requests that can wait for one scrape, each with a variant
/// of its own, bound its memory (`ServerLimits.maxRequests`, or `connectionsMax`). Responses are
/// written by the caller's thread, which is the scrape's and none of the server's.
final class ScrapeResponses: Sendable {
    private let scrape: Scrape
    private let written = Mutex<[ResponseVariant: HTTPResponse]>([:])

    init(_ scrape: Scrape) {
        self.scrape = scrape
    }

    /// The response in this variant.
    func response(_ variant: ResponseVariant) -> HTTPResponse {
        if let response = written.withLock({ $0[variant] }) { return response }
        let response = write(variant)
        written.withLock { $0[variant] = response }
        return response
    }

    /// The status page. It is rarely requested, so it is not kept.
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

    /// 503 if the table could not be read, so that no scraper stores incomplete metrics.
    private func plain(_ variant: ResponseVariant) -> HTTPResponse {
        HTTPResponse(
            status: scrape.isTableRead ? 200 : 503, contentType: variant.format.contentType,
            headers: [(name: "Vary", value: "Accept, Accept-Encoding")],
            body: scrape.exposition(as: variant.format, of: variant.parts))
    }
}
