import Exposition
import MetricsServer
import Synchronization

/// The answers of one scrape: each form of it is written once, for the first who wants it, however
/// many do.
///
/// It lives as long as its flight: what is held at once is bounded by the requests that may wait
/// for one scrape (`ServerLimits.maxRequests`, or `connectionsMax`), each with one form of its own.
/// The writing is done by whoever asks, which is the scrape's thread and none of the server's.
final class ScrapeAnswers: Sendable {
    private let scrape: Scrape
    private let written = Mutex<[AnswerForm: HTTPResponse]>([:])

    init(_ scrape: Scrape) {
        self.scrape = scrape
    }

    /// The answer in that form.
    func response(_ form: AnswerForm) -> HTTPResponse {
        if let response = written.withLock({ $0[form] }) { return response }
        let response = write(form)
        written.withLock { $0[form] = response }
        return response
    }

    /// The page for people; few ask for it, so it is not kept.
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

    /// Without the table there is no truth to tell: 503, so that no scraper stores anything.
    private func plain(_ form: AnswerForm) -> HTTPResponse {
        HTTPResponse(
            status: scrape.isTableRead ? 200 : 503, contentType: form.format.contentType,
            headers: [(name: "Vary", value: "Accept, Accept-Encoding")],
            body: scrape.exposition(as: form.format, of: form.parts))
    }
}
