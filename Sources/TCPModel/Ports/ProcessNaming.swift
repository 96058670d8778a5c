/// Names processes by rules that the administrator wrote: twelve `java` become programs.
package protocol ProcessNaming: Sendable {
    /// Begins a scrape. True if a process may have another name from now on.
    func beginScrape() -> Bool

    /// The module of a process by the first rule that matches it.
    func name(of process: ProcessFacts) -> NamingOutcome

    /// What kept rules from being applied, a sentence each, worded the same as long as it is the same.
    var problems: [String] { get }

    /// Whether the rules in use are those that the administrator wrote last.
    var isCurrent: Bool { get }
}

/// What is known of a process before rules are applied.
package struct ProcessFacts: Sendable {
    package var process: ProcessID
    /// The executable's path; empty when unknown.
    package var executable: [UInt8]
    package var cgroups: [CgroupMembership]
    /// Whether its cgroups name a service or a container.
    package var hasModule: Bool

    package init(
        process: ProcessID, executable: [UInt8], cgroups: [CgroupMembership], hasModule: Bool
    ) {
        self.process = process
        self.executable = executable
        self.cgroups = cgroups
        self.hasModule = hasModule
    }
}

/// What rules say about a process.
package enum NamingOutcome: Equatable, Sendable {
    /// Any bytes: parts of it can be captured from what the process' user chose.
    case named([UInt8])
    /// No rule matches.
    case unnamed
    /// What a rule asks could not be read in time. The process has no name by rules until it can.
    case unknown
}

/// What rules ask about a process.
package protocol ProcessDetails: Sendable {
    /// The user whose rights a process has (the effective UID).
    func userID(of process: ProcessID) throws(FileError) -> UInt32

    /// The arguments of a process, each with a zero at its end; what is longer is cut.
    ///
    /// They are in the process' memory, and its user can make reading them take as long as they like.
    /// It is given up after the time, and not tried while an earlier read for the same user waits: both
    /// throw `timedOut`.
    func commandLine(
        of process: ProcessID, byteCountMax: Int, within timeMax: Duration
    ) throws(FileError) -> [UInt8]
}
