/// A text format in which Prometheus reads metrics.
package enum ExpositionFormat: CaseIterable, Hashable, Sendable {
    /// Prometheus' text format 0.0.4
    /// (https://prometheus.io/docs/instrumenting/exposition_formats/).
    case text
    /// OpenMetrics 1.0.0
    /// (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md).
    case openMetrics

    /// The version of the format, as the parameter `version` of a media type has it.
    package var version: StaticString {
        switch self {
        case .text: "0.0.4"
        case .openMetrics: "1.0.0"
        }
    }

    /// What `Content-Type` says of it.
    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }
}
