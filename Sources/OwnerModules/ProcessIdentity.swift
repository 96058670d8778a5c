package import Procfs

/// A process, named for good: its number is used again after its life, its number with its start
/// time is not.
package struct ProcessIdentity: Hashable, Sendable {
    package var process: ProcessID
    /// Clock ticks since boot.
    package var startTimeTicks: UInt64

    package init(process: ProcessID, startTimeTicks: UInt64) {
        self.process = process
        self.startTimeTicks = startTimeTicks
    }

    /// Who has the number now.
    init(_ process: ProcessID, _ procfs: ProcFS) throws(FileError) {
        self.process = process
        startTimeTicks = try procfs.statistics(of: process).startTimeTicks
    }

    /// Whether this process started before the other one.
    func precedes(_ other: ProcessIdentity) -> Bool {
        (startTimeTicks, process) < (other.startTimeTicks, other.process)
    }
}
