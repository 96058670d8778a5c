import Testing

@testable import Exporter
@testable import Exposition

struct NegotiationTests {
    /// What programs send, by their sources: Prometheus' `scrape/scrape.go` and `config/config.go`,
    /// VictoriaMetrics' `vmagent`, curl, browsers, Java's `HttpURLConnection`.
    @Test(
        arguments: [
            (
                // Prometheus 2.5
                "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .text
            ),
            (
                // Prometheus 2.42
                """
                application/openmetrics-text;version=1.0.0,\
                application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,\
                */*;q=0.1
                """, .openMetrics
            ),
            (
                // Prometheus 2.42 with native histograms
                """
                application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
                encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,\
                application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,\
                */*;q=0.1
                """, .openMetrics
            ),
            (
                // Prometheus 2.49
                """
                application/openmetrics-text;version=1.0.0;q=0.5,\
                application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,\
                */*;q=0.2
                """, .openMetrics
            ),
            (
                // Prometheus 3
                """
                application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                application/openmetrics-text;version=0.0.1;q=0.5,\
                text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                text/plain;version=0.0.4;q=0.3,*/*;q=0.2
                """, .openMetrics
            ),
            (
                // Prometheus 3 with scrape_protocols: [PrometheusText1.0.0, PrometheusText0.0.4]
                """
                text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,\
                */*;q=0.4
                """, .text
            ),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", .text),
            ("*/*", .text),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .text),
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", .text),
        ] as [(String, ExpositionFormat)])
    func knownClientsGetWhatTheyReadBest(_ header: String, _ format: ExpositionFormat) {
        #expect(ExpositionFormat.negotiated(header) == format)
    }

    @Test(
        arguments: [
            ("application/openmetrics-text", .openMetrics),
            ("Application/OpenMetrics-Text; Version=\"1.0.0\"; charset=utf-8", .openMetrics),
            ("application/openmetrics-text;q=0.001", .openMetrics),
            ("text/plain;q=0.5, application/openmetrics-text;q=0.6", .openMetrics),
            ("application/openmetrics-text, text/plain", .openMetrics),
            ("application/openmetrics-text, */*", .openMetrics),
            ("text/plain, application/openmetrics-text", .text),
            ("application/openmetrics-text;q=0.5, */*", .text),
            ("application/openmetrics-text;q=0", .text),
            ("application/openmetrics-text;q=0, */*", .text),
            ("application/openmetrics-text;version=2.0.0", .text),
            ("application/openmetrics-text;q=nonsense, text/plain;q=0.1", .text),
            ("text/plain;version=1.0.0", .text), ("text/*", .text), ("image/png", .text),
            ("text/plain;q=0", .text), ("*/*;q=0", .text),
            ("application/openmetrics-texts", .text), ("", .text), ("\0;;,,\"", .text),
        ] as [(String, ExpositionFormat)])
    func theHighestQualityDecidesAndThenTheOrder(_ header: String, _ format: ExpositionFormat) {
        #expect(ExpositionFormat.negotiated(header) == format)
    }

    @Test func whoSaysNothingGetsText() {
        #expect(ExpositionFormat.negotiated(nil) == .text)
    }

    /// Whatever is said, one of the two is given, and what is said of other types changes nothing.
    @Test func otherTypesDoNotMatter() {
        let pieces = [
            "application/openmetrics-text", "text/plain", ";version=1.0.0", ";version=0.0.4",
            ";q=0", ";q=0.5", ";q=", ",", ",", ";", "=", "\"", "*/*", "text/*", "\\", "\u{301}",
        ]
        for _ in 0..<5_000 {
            let header = (0..<Int.random(in: 0..<20)).map { _ in pieces.randomElement() ?? "" }
                .joined()
            let format = ExpositionFormat.negotiated(header)
            #expect(ExpositionFormat.negotiated("image/png, \(header)") == format)
        }
    }
}
