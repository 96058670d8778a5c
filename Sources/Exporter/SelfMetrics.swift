import CBuildInfo
import Exposition
import Glibc
import Procfs

/// What the exporter tells of itself.
struct SelfMetrics {
    /// Dumps that the kernel called disturbed, since the start.
    var dumpInterruptions: UInt64 = 0

    private let procfs: ProcFS
    private let bootTimeSeconds: UInt64?
    private let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    private let pageByteCount = UInt64(sysconf(Int32(_SC_PAGESIZE)))
    private let buildLabels = LabelSet([
        ("version", BuildInfo.version), ("revision", BuildInfo.revision),
        ("swift_version", BuildInfo.swiftVersion),
    ])

    init(procfs: ProcFS) {
        self.procfs = procfs
        bootTimeSeconds = procfs.bootTimeSeconds
    }

    func write(to exposition: inout TextExposition, includesProcess: Bool) {
        exposition.write(Metric.tableDumpInterruptions) { $0.append(value: dumpInterruptions) }
        exposition.write(Metric.buildInfo) { $0.append(buildLabels, value: 1) }
        guard includesProcess, let statistics = try? procfs.ownStatistics else { return }
        writeTimes(to: &exposition, statistics)
        exposition.write(Metric.processVirtualMemory) {
            $0.append(value: statistics.virtualMemoryBytes)
        }
        exposition.write(Metric.processResidentMemory) {
            $0.append(value: statistics.residentMemoryPages * pageByteCount)
        }
        writeDescriptors(to: &exposition)
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

    private func writeDescriptors(to exposition: inout TextExposition) {
        if let count = procfs.ownDescriptorCount {
            exposition.write(Metric.processOpenFDs) { $0.append(value: UInt64(count)) }
        }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            exposition.write(Metric.processMaxFDs) { $0.append(value: UInt64(limit.rlim_cur)) }
        }
    }
}

/// What the executable was built from.
package enum BuildInfo {
    /// Semantic version of the exporter.
    package static let version = "0.1.0"

    /// The commit; `unknown` outside a git checkout.
    package static var revision: String {
        let revision = unsafe String(cString: cbuildinfo_revision())
        return revision.isEmpty ? "unknown" : revision
    }

    /// Major and minor version of the Swift standard library.
    package static var swiftVersion: String {
        _SwiftStdlibVersion.current.description.split(separator: ".").prefix(2)
            .joined(separator: ".")
    }
}
