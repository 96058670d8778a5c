import MetricsServer

/// How long a scraper waits for its answer, as it says in a header.
///
/// `X-Prometheus-Scrape-Timeout-Seconds` is Prometheus' `scrape_timeout`, a decimal number. After
/// it Prometheus hangs up, and stores nothing but that the target is down; an answer shortly before
/// tells its user why.
enum ScrapeDeadline {
    static let headerName = "X-Prometheus-Scrape-Timeout-Seconds"

    /// Kept for the answer's way to the scraper; half of a timeout that is shorter than a second.
    private static let offsetSeconds = 0.5
    /// Whoever says more does not mean it.
    private static let timeoutSecondsMax = 3600.0
    /// Prometheus writes some ten digits at most.
    private static let textBytesMax = 32

    /// The seconds after which an answer must be given; nil where none are said, or not sensibly.
    static func seconds(_ header: String?) -> Double? {
        guard let text = header, text.utf8.count <= textBytesMax, text.utf8.allSatisfy(isDecimal),
            let timeout = Double(text), timeout > 0, timeout <= timeoutSecondsMax
        else { return nil }
        return max(timeout - offsetSeconds, timeout / 2)
    }

    /// What is answered then. The scrape goes on meanwhile, for others and for the next.
    static func response(afterSeconds seconds: Double) -> HTTPResponse {
        .text(
            "the TCP table could not be read within \(seconds) s, the scrape timeout less a margin; "
                + "the scrape goes on, and the next one may get its result",
            status: 503, headers: [(name: "Retry-After", value: "1")])
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
    }
}
