/// The fields of `/proc/PID/stat` (`man 5 proc_pid_stat`) that this project uses.
package struct ProcessStatistics: Equatable, Sendable {
    /// The command name (field 2), at most 15 bytes that the process chose itself.
    package var command: [UInt8]
    /// The process that made this one, or took it over (field 4); 0 for the first ones.
    package var parent: ProcessID
    /// Field 14, in clock ticks.
    package var userTimeTicks: UInt64
    /// Field 15, in clock ticks.
    package var systemTimeTicks: UInt64
    /// When the process started, in clock ticks since boot (field 22). Together with the process ID it
    /// identifies a process for good.
    package var startTimeTicks: UInt64
    /// Field 23.
    package var virtualMemoryBytes: UInt64
    /// Field 24.
    package var residentMemoryPages: UInt64

    package init(
        command: [UInt8], parent: ProcessID, userTimeTicks: UInt64, systemTimeTicks: UInt64,
        startTimeTicks: UInt64, virtualMemoryBytes: UInt64, residentMemoryPages: UInt64
    ) {
        self.command = command
        self.parent = parent
        self.userTimeTicks = userTimeTicks
        self.systemTimeTicks = systemTimeTicks
        self.startTimeTicks = startTimeTicks
        self.virtualMemoryBytes = virtualMemoryBytes
        self.residentMemoryPages = residentMemoryPages
    }
}
