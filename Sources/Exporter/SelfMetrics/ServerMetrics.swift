import Exposition
import MetricsServer

/// The metrics of the exporter's own HTTP server.
extension ServerMonitor {
    func write(to exposition: inout TextExposition) {
        let statistics = statistics
        exposition.write(Metric.httpRequests) {
            for (code, count) in statistics.responsesByCode {
                $0.append(LabelSet([("code", code)]), value: count)
            }
        }
        exposition.write(Metric.httpConnectionsClosed) {
            for (reason, count) in statistics.connectionsByReason {
                $0.append(LabelSet([("reason", reason)]), value: count)
            }
        }
        exposition.write(Metric.logLinesDropped) {
            $0.append(value: LogWriter.standardError.droppedCount)
        }
        for (family, value) in [
            (Metric.httpConnections, statistics.openConnections),
            (Metric.httpConnectionsLimit, limits.connectionsMax),
            (Metric.httpClientConnectionsLimit, limits.connectionsPerClientMax),
            (Metric.httpRequestsInFlight, statistics.requestsInFlight),
            (Metric.httpRequestsInFlightLimit, limits.maxRequests),
            (Metric.httpHeaderLimit, limits.headerBytesMax),
            (Metric.httpIdleTimeout, limits.idleTimeoutSeconds),
            (Metric.httpRequestTimeout, limits.requestTimeoutSeconds),
        ] {
            exposition.write(family) { $0.append(value: UInt64(value)) }
        }
    }
}
