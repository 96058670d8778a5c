import Exposition
import TCPModel

/// What the kernel counts of kernel TLS since the module was loaded, one number a namespace.
///
/// `/proc/net/tls_stat` names the events (`Documentation/networking/tls.rst`); names that are not in
/// this table are passed over, and what an older kernel does not count has not happened there.
enum KernelTLSCounters {
    private struct Series {
        let family: MetricFamily
        let labels: LabelSet
        /// The line of `tls_stat`.
        let event: String

        init(_ event: String, _ family: MetricFamily, _ values: [String] = []) {
            self.family = family
            labels = LabelSet(Array(zip(family.labels, values)))
            self.event = event
        }
    }

    private static let series = [
        [
            Series("TlsRxDevice", Metric.tlsSessions, ["receive", "device"]),
            Series("TlsRxSw", Metric.tlsSessions, ["receive", "software"]),
            Series("TlsTxDevice", Metric.tlsSessions, ["transmit", "device"]),
            Series("TlsTxSw", Metric.tlsSessions, ["transmit", "software"]),
        ],
        [Series("TlsDecryptError", Metric.tlsDecryptErrors)],
        [Series("TlsDecryptRetry", Metric.tlsDecryptRetries)],
        [Series("TlsRxNoPadViolation", Metric.tlsPaddingViolations)],
        [Series("TlsRxDeviceResync", Metric.tlsDeviceResyncs)],
        [
            Series("TlsRxRekeyError", Metric.tlsRekeys, ["receive", "error"]),
            Series("TlsRxRekeyOk", Metric.tlsRekeys, ["receive", "ok"]),
            Series("TlsTxRekeyError", Metric.tlsRekeys, ["transmit", "error"]),
            Series("TlsTxRekeyOk", Metric.tlsRekeys, ["transmit", "ok"]),
        ],
        [Series("TlsRxRekeyReceived", Metric.tlsRekeysReceived)],
    ]

    static func write(_ statistics: KernelTLSStatistics, to exposition: inout TextExposition) {
        for series in series {
            exposition.write(series[0].family) { samples in
                for sample in series {
                    samples.append(sample.labels, value: statistics[sample.event])
                }
            }
        }
    }
}
