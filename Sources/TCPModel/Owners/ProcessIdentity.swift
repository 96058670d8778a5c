/// A process, identified for good: its number is reused after its life, its number together with its
/// start time is not.
package struct ProcessIdentity: Hashable, Sendable {
    package var process: ProcessID
    /// Clock ticks since boot.
    package var startTimeTicks: UInt64

    package init(process: ProcessID, startTimeTicks: UInt64) {
        self.process = process
        self.startTimeTicks = startTimeTicks
    }

    /// Whether this process started before the other one.
    package func precedes(_ other: ProcessIdentity) -> Bool {
        (startTimeTicks, process) < (other.startTimeTicks, other.process)
    }
}
