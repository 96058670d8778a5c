import BuildInfo
import Exposition
import Glibc
import MetricsServer
import TCPModel
import WebConfiguration

/// Metrics about the exporter itself.
struct SelfMetrics: Sendable {
    /// Dumps interrupted by changes to the table, since the start.
    var dumpInterruptions: UInt64 = 0

    /// Threads that the last dump has given up.
    var stuckDumpThreadCount = 0

    /// The exporter's HTTP server, if it has one.
    var server: ServerMonitor?

    /// The state of its scrapes, if it serves any.
    var readiness: Readiness?

    private let host: any HostInformation
    private let webReload: (@Sendable () -> WebReloadStatus)?
    private let bootTimeSeconds: UInt64?
    private let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    private let pageByteCount = UInt64(sysconf(Int32(_SC_PAGESIZE)))
    private let buildLabels = LabelSet([
        ("version", BuildInfo.version), ("revision", BuildInfo.revision),
        ("swift_version", BuildInfo.swiftVersion),
    ])

    /// - Parameter webReload: Nil without a web configuration, which leaves its families out.
    init(host: any HostInformation, webReload: (@Sendable () -> WebReloadStatus)? = nil) {
        self.host = host
        self.webReload = webReload
        bootTimeSeconds = host.bootTimeSeconds
    }

    /// - Parameter includesProcess: Whether to write the families of the process and its server.
    /// - Returns: The `process_*` values that could not be read, one sentence each.
    func write(to exposition: inout TextExposition, includesProcess: Bool) -> [String] {
        exposition.write(Metric.tableDumpInterruptions) { $0.append(value: dumpInterruptions) }
        exposition.write(Metric.tableDumpThreadsStuck) {
            $0.append(value: UInt64(stuckDumpThreadCount))
        }
        writeState(to: &exposition)
        guard includesProcess else { return [] }
        server?.write(to: &exposition)
        var problems: [String] = []
        do {
            writeUsage(to: &exposition, try host.ownStatistics)
        } catch {
            problems.append("cannot read the exporter's CPU and memory usage: \(error)")
        }
        if !writeDescriptors(to: &exposition) {
            problems.append("cannot count the exporter's descriptors in \(host.root)/self/fd")
        }
        return problems
    }

    /// Writes what is known without reading anything.
    func writeState(to exposition: inout TextExposition) {
        exposition.write(Metric.buildInfo) { $0.append(buildLabels, value: 1) }
        if let readiness {
            exposition.write(Metric.scrapesStuck) {
                $0.append(value: UInt64(clamping: readiness.stuckScrapeCount))
            }
        }
        if let status = webReload?() { write(status, to: &exposition) }
    }

    private func write(_ status: WebReloadStatus, to exposition: inout TextExposition) {
        exposition.write(Metric.webConfigSuccessful) {
            $0.append(value: status.isSuccessful ? 1 : 0)
        }
        exposition.write(Metric.webConfigSuccessTime) { $0.append(measure: status.successSeconds) }
    }

    private func writeUsage(
        to exposition: inout TextExposition, _ statistics: ProcessStatistics
    ) {
        writeTimes(to: &exposition, statistics)
        exposition.write(Metric.processVirtualMemory) {
            $0.append(value: statistics.virtualMemoryBytes)
        }
        exposition.write(Metric.processResidentMemory) {
            $0.append(value: statistics.residentMemoryPages * pageByteCount)
        }
    }

    private func writeTimes(
        to exposition: inout TextExposition, _ statistics: ProcessStatistics
    ) {
        let cpuTicks = statistics.userTimeTicks + statistics.systemTimeTicks
        exposition.write(Metric.processCPU) {
            $0.append(measure: Double(cpuTicks) / ticksPerSecond)
        }
        guard let bootTimeSeconds else { return }
        let start = Double(bootTimeSeconds) + Double(statistics.startTimeTicks) / ticksPerSecond
        exposition.write(Metric.processStartTime) { $0.append(measure: start) }
    }

    /// - Returns: Whether the open descriptors could be counted.
    private func writeDescriptors(to exposition: inout TextExposition) -> Bool {
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            exposition.write(Metric.processMaxFDs) { $0.append(value: UInt64(limit.rlim_cur)) }
        }
        guard let count = host.ownDescriptorCount else { return false }
        exposition.write(Metric.processOpenFDs) { $0.append(value: UInt64(count)) }
        return true
    }
}
