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

    /// Forgets what namespaces counted that are gone; the sums stay.
    mutating func forgetOthers(_ isThere: (UInt64) -> Bool) {
        guard !last.keys.allSatisfy(isThere) else { return }
        last = last.filter { isThere($0.key) }
    }

    /// Adds what a namespace has counted since it was added last.
    mutating func add(_ statistics: KernelTLSStatistics, of inode: UInt64) {
        let before = last.updateValue(statistics, forKey: inode)
        for family in Self.series {
            for series in family {
                let (new, old) = (statistics[series.event], before?[series.event] ?? 0)
                // A lower number is that of another namespace with the inode number, or of a module that
                // was loaded again.
                counts[series.event, default: 0] += new >= old ? new - old : new
            }
        }
    }

    /// Writes the sums.
    func write(to exposition: inout TextExposition) {
        for series in Self.series {
            exposition.write(series[0].family) { samples in
                for sample in series {
                    samples.append(sample.labels, value: counts[sample.event] ?? 0)
                }
            }
        }
    }
}
