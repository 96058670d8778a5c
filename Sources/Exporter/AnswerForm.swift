import Exposition
import MetricsServer

/// What a client wants of a scrape: which of its parts, in which format and coding.
struct AnswerForm: Hashable, Sendable {
    var format: ExpositionFormat
    var coding: ContentCoding
    var parts: ExpositionParts
}

extension AnswerForm {
    /// - Parameter enabled: The collectors that are switched on.
    init(_ request: HTTPRequest, of enabled: Set<CollectorName>) throws(CollectorChoice.Refusal) {
        format = .negotiated(request.header("Accept"))
        coding = .negotiated(request.header("Accept-Encoding"))
        parts = try CollectorChoice(request.query, of: enabled).names
            .reduce(into: []) { $0.formUnion($1.part) }
    }
}
