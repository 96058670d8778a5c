import SystemPackage
import TCPModel

/// The processes whose descriptors may not be read.
struct DeniedProcesses {
    private let procfs: ProcFS
    /// With the first error of each.
    private var errors: [ProcessID: Errno] = [:]
    /// One of them, which stays the same while it is denied.
    private(set) var example: UnreadableProcess?
    private(set) var wouldCapabilitiesHelp = false

    init(_ procfs: ProcFS) { self.procfs = procfs }

    var count: Int { errors.count }

    mutating func insert(_ process: ProcessID, _ errno: Errno) {
        if errors.updateValue(errno, forKey: process) == nil { describe() }
    }

    mutating func remove(_ process: ProcessID) {
        if errors.removeValue(forKey: process) != nil { describe() }
    }

    mutating func forget(allBut processes: Set<ProcessID>) {
        errors = errors.filter { processes.contains($0.key) }
        describe()
    }

    private mutating func describe() {
        if let known = example?.process, errors[known] != nil { return }
        example = errors.min { $0.key < $1.key }.map { process, errno in
            let command = (try? procfs.statistics(of: process).command) ?? []
            return UnreadableProcess(process: process, command: command, errno: errno)
        }
        wouldCapabilitiesHelp = !errors.isEmpty && procfs.wouldCapabilitiesHelp
    }
}
