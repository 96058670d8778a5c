import Exposition
import MetricsServer
import Synchronization

/// The responses of one scrape. Each variant is written once, for the first request that asks for it.
///
/// It is released with its scrape. The requests that can wait for one scrape, each with a variant of
/// its own, bound its memory (`ServerLimits.maxRequests`, or `connectionsMax`). Responses are written
/// by the caller's thread, which is the scrape's and none of the server's.
final class ScrapeAnswers: Sendable {
    private let scrape: Scrape
    private let written = Mutex<[AnswerForm: HTTPResponse]>([:])

    init(_ scrape: Scrape) {
        self.scrape = scrape
    }

    /// The response in this variant.
    func response(_ form: AnswerForm) -> HTTPResponse {
        if let response = written.withLock({ $0[form] }) { return response }
        let response = write(form)
        written.withLock { $0[form] = response }
        return response
    }

    /// The status page. It is rarely requested, so it is not kept.
    func page(telemetryPath: String) -> HTTPResponse {
        StatusPage.response(scrape, telemetryPath: telemetryPath)
    }

    private func write(_ form: AnswerForm) -> HTTPResponse {
        switch form.coding {
        case .identity: return plain(form)
        case .gzip:
            var uncompressed = form
            uncompressed.coding = .identity
            return response(uncompressed).gzippedIfWorthIt()
        }
    }

    /// 503 if the table could not be read, so that no scraper stores incomplete metrics.
    private func plain(_ form: AnswerForm) -> HTTPResponse {
        HTTPResponse(
            status: scrape.isTableRead ? 200 : 503, contentType: form.format.contentType,
            headers: [(name: "Vary", value: "Accept, Accept-Encoding")],
            body: scrape.exposition(as: form.format, of: form.parts))
    }
}
