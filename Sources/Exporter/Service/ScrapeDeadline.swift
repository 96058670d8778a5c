import MetricsServer

/// The scrape timeout that Prometheus sends in a header.
///
/// `X-Prometheus-Scrape-Timeout-Seconds` is Prometheus' `scrape_timeout`, a decimal number. After
/// it Prometheus closes the connection and only records the target as down. A response shortly
/// before gives its user the reason.
enum ScrapeDeadline {
    static let headerName = "X-Prometheus-Scrape-Timeout-Seconds"

    /// The margin for sending the response. For timeouts below a second it is half of the timeout.
    private static let offsetSeconds = 0.5
    /// Longer timeouts are ignored.
    private static let timeoutSecondsMax = 3600.0
    /// Prometheus writes about ten digits at most.
    private static let textBytesMax = 32

    /// The seconds after which a response must be sent; nil without a valid timeout.
    static func seconds(_ header: String?) -> Double? {
        guard let text = header, text.utf8.count <= textBytesMax, text.utf8.allSatisfy(isDecimal),
            let timeout = Double(text), timeout > 0, timeout <= timeoutSecondsMax
        else { return nil }
        return max(timeout - offsetSeconds, timeout / 2)
    }

    /// The response then. The scrape goes on, for other requests.
    static func response(afterSeconds seconds: Double) -> HTTPResponse {
        .text(
            "the TCP table could not be read within \(seconds) s (the scrape timeout minus a margin); "
                + "the scrape continues, and the next request may get its result",
            status: 503, headers: [(name: "Retry-After", value: "1")])
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
    }
}
