import Exposition
import TCPModel

/// What the kernel counts of kernel TLS since the module was loaded, one number a namespace; of several
/// namespaces the sum, which does not fall when one goes.
///
/// `/proc/net/tls_stat` names the events (`Documentation/networking/tls.rst`); names that are not in
/// this table are passed over, and what an older kernel does not count has not happened there.
struct KernelTLSCounters {
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

    private var counts: [String: UInt64] = [:]
    /// What each namespace counted last, by its inode number.
    private var last: [UInt64: KernelTLSStatistics] = [:]

    /// Takes the numbers of namespaces, and writes the sums.
    mutating func write(
        _ statistics: [(inode: UInt64, KernelTLSStatistics)], to exposition: inout TextExposition
    ) {
        update(statistics)
        for series in Self.series {
            exposition.write(series[0].family) { samples in
                for sample in series {
                    samples.append(sample.labels, value: counts[sample.event] ?? 0)
                }
            }
        }
    }

    private mutating func update(_ statistics: [(inode: UInt64, KernelTLSStatistics)]) {
        for (inode, new) in statistics {
            for series in Self.series.joined() {
                let (value, before) = (new[series.event], last[inode]?[series.event] ?? 0)
                // A lower number is that of another namespace with the inode number, or of a module that
                // was loaded again.
                counts[series.event, default: 0] += value >= before ? value - before : value
            }
        }
        last = Dictionary(statistics.map { ($0.inode, $0.1) }) { _, new in new }
    }
}
