import Exposition
import MetricsServer

/// What a client asks for of a scrape: which of its parts, in which format and content coding.
struct ResponseVariant: Hashable, Sendable {
    var format: ExpositionFormat
    var coding: ContentCoding
    var parts: ExpositionParts
}

extension ResponseVariant {
    /// - Parameter enabled: The collectors that are switched on.
    init(_ request: HTTPRequest, of enabled: Set<CollectorName>) throws(CollectorChoice.Refusal) {
        format = .negotiated(request.header("Accept"))
        coding = .negotiated(request.header("Accept-Encoding"))
        parts = try CollectorChoice(request.query, of: enabled).names
            .reduce(into: []) { $0.formUnion($1.part) }
    }
}

extension ExpositionFormat {
    /// The format with the highest quality; of equal ones, the first (RFC 9110, section 12.5.1).
    ///
    /// Everything but OpenMetrics 1.0.0 is the text format: browsers and curl, which accept anything, and
    /// clients that accept neither, which can still read it. Of a media range's parameters only `version`
    /// matters: names that need escaping do not occur, and the charset is always UTF-8.
    ///
    /// - Parameter header: The value of `Accept`.
    static func negotiated(_ header: String?) -> ExpositionFormat {
        let ranges = PreferenceList(parsing: header ?? "").elements.compactMap { range in
            format(range).map { (format: $0, quality: range.quality) }
        }
        let best = ranges.filter { $0.quality > 0 }.max { $0.quality < $1.quality }
        return best?.format ?? .text
    }

    /// Nil for a media range that has nothing to do with either format.
    private static func format(_ range: PreferenceList.Element) -> ExpositionFormat? {
        switch range.name {
        case "application/openmetrics-text":
            [nil, openMetrics.version.description].contains(range.version) ? .openMetrics : nil
        case "text/plain", "text/*", "*/*": .text
        default: nil
        }
    }
}
